import { randomBytes } from 'node:crypto'
import type { Account, Addressing, Device } from '../world/accounts.ts'
import type { Group } from '../world/groups.ts'
import type { World } from '../world/world.ts'
import { groupJid } from '../wire/jid.ts'
import { node, now } from '../stanza/node.ts'
import type { BinaryNode } from '../stanza/node.ts'
import { addressOf } from './nodes.ts'

/** The form of address a device understands: LID, but for a live client of the older dictionary. */
export const addressingOf = (world: World, device: Device): Addressing => world.connections.get(device.key)?.addressing ?? 'lid'

/** A fresh id for a stanza the server itself sends. */
export const newStanzaId = (): string => randomBytes(8).readBigUInt64BE().toString()

/** Tells every companion of these people what somebody did in a group; the actor's own companions are among them. */
export const notifyGroup = (
  world: World,
  group: Group,
  actor: Account,
  audience: Iterable<string>,
  news: (addressing: Addressing) => BinaryNode,
): void => {
  const t = now()
  const id = newStanzaId()
  for (const lid of new Set(audience)) {
    const account = world.accounts.byLid(lid)
    for (const device of account?.companions ?? []) {
      const addressing = addressingOf(world, device)
      world.delivery.deliver(device, node('notification', {
        from: groupJid(group.id),
        type: 'w:gp2',
        id,
        participant: addressOf(world.accounts, actor, addressing),
        participant_pn: addressing === 'lid' ? world.accounts.pn(actor) : undefined,
        addressing_mode: addressing,
        notify: actor.name,
        t,
      }, [news(addressing)]))
    }
  }
}
