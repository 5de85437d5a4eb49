import { notify } from '../../phone/phones.ts'
import { child, failure, node, result, SERVER } from '../node.ts'
import type { IqHandler } from './index.ts'

/** `blocklist`: who is blocked; a change is told to the account's other companions. */
export const answerBlocklist: IqHandler = ({ world, account, device, connection }, iq) => {
  const { accounts } = world
  if (iq.attrs['type'] === 'get') {
    const items = account.blocked.flatMap((lid) => {
      const blocked = accounts.byLid(lid)
      if (!blocked) return []
      return [node('item', { jid: connection.addressing === 'pn' ? accounts.pn(blocked) : accounts.lidOf(blocked) })]
    })
    return result(iq, [node('list', {}, items)])
  }
  const item = child(iq, 'item')
  if (!item) return undefined
  const target = accounts.byJid(item.attrs['jid']) ?? accounts.byJid(item.attrs['pn_jid'])
  if (!target) return failure(iq, 404, 'item-not-found')
  const action = item.attrs['action'] === 'unblock' ? 'unblock' : 'block'
  const others = account.blocked.filter((lid) => lid !== target.lid)
  account.blocked = action === 'block' ? [...others, target.lid] : others
  accounts.save(account)
  for (const companion of account.companions) {
    if (companion === device) continue
    notify(world, companion, { type: 'account_sync', from: SERVER }, [
      node('blocklist', {}, [node('item', { jid: accounts.lidOf(target), action })]),
    ])
  }
  return result(iq)
}
