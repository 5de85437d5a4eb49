import type { Account, Device } from '../world/accounts.ts'
import type { World } from '../world/world.ts'

/** The address attributes of a group message as one member's device gets it. */
export const groupEnvelope = (
  world: World,
  group: string,
  from: { account: Account; device: Device },
  to: Device,
): Record<string, string> => {
  const { accounts } = world
  const { account, device } = from
  return world.connections.get(to.key)?.addressing === 'pn'
    ? {
        from: group,
        participant: accounts.pn(account, device.id),
        participant_lid: accounts.lidOf(account),
        addressing_mode: 'pn',
        notify: account.name,
      }
    : {
        from: group,
        participant: accounts.lidOf(account, device.id),
        participant_pn: accounts.pn(account),
        addressing_mode: 'lid',
        notify: account.name,
      }
}
