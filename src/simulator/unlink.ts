import { announceDevices } from './phone/devices.ts'
import { node } from './stanza/node.ts'
import type { Account, Companion } from './world/accounts.ts'
import type { World } from './world/world.ts'

/** Takes a companion off its account: its keys and queue go, its socket is told 401 device_removed, later logins are refused. */
export const unlinkCompanion = (world: World, account: Account, companion: Companion): void => {
  account.companions = account.companions.filter((other) => other.id !== companion.id)
  world.accounts.save(account)
  world.preKeys.drop(companion)
  world.delivery.drop(companion.key)
  world.watchers.remove(companion.key)
  announceDevices(world, account, 'remove', companion.id)
  const connection = world.connections.get(companion.key)
  if (!connection) return
  connection.send(node('stream:error', { code: '401' }, [node('conflict', { type: 'device_removed' })]))
  connection.close()
}
