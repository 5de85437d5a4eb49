import { createGroup } from '../groups/settings.ts'
import { groupJid } from '../wire/jid.ts'
import { Refusal } from '../refusal.ts'
import type { World } from '../world/world.ts'
import { personOf } from './people.ts'
import type { Written } from './writing.ts'

/** A group to make: its first participant creates it and is admin. */
export type NewGroup = { subject: string; participants: readonly string[] }

/** Makes a group of people, unknown phones among them becoming contacts at once. */
export const makeGroup = (world: World, { subject, participants }: NewGroup): Written => {
  const [creator, ...others] = participants.map((phone) => personOf(world, phone))
  if (!creator) throw new Refusal('BAD_REQUEST', 'a group needs somebody who creates it')
  const made = createGroup(world, creator, subject, others)
  if (!('group' in made)) throw new Refusal('BAD_REQUEST', `the group cannot be made: ${made.words}`)
  world.storage.flush()
  return { id: groupJid(made.group.id) }
}
