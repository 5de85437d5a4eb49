import type { Account } from '../world/accounts.ts'
import { node } from '../stanza/node.ts'
import type { World } from '../world/world.ts'
import { notify } from './phones.ts'

/** Tells every client that has asked for this account's devices that one came or went. */
export const announceDevices = (world: World, account: Account, change: 'add' | 'remove', deviceId: number): void => {
  const { accounts } = world
  const index = String(deviceId)
  const content = [
    node(change, {}, [
      node('device', { jid: accounts.lidOf(account, deviceId), 'key-index': index }),
      node('device', { jid: accounts.pn(account, deviceId), 'key-index': index }),
    ]),
  ]
  for (const key of world.watchers.of(account)) {
    const [lid, id] = key.split(':')
    const watcher = accounts.byLid(lid ?? '')
    const device = watcher && accounts.device(watcher, Number(id))
    if (device && device.id !== 0) notify(world, device, { type: 'devices', from: accounts.lidOf(account) }, content)
  }
}
