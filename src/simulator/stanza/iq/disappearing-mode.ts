import { notify } from '../../phone/phones.ts'
import { child, node, now, result, SERVER } from '../node.ts'
import type { IqHandler } from './index.ts'

/** `disappearing_mode`: the timer of new chats, told to all the account's companions. */
export const answerDisappearingMode: IqHandler = ({ world, account }, iq) => {
  const asked = child(iq, 'disappearing_mode')
  if (iq.attrs['type'] !== 'set' || !asked) return undefined
  const t = now()
  account.disappearing = { durationSeconds: Number(asked.attrs['duration'] ?? 0), setAt: Number(t) }
  world.accounts.save(account)
  for (const companion of account.companions) {
    notify(world, companion, { type: 'account_sync', from: SERVER }, [
      node('disappearing_mode', { duration: String(account.disappearing.durationSeconds), t }),
    ])
  }
  return result(iq)
}
