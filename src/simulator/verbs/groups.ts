import { addMembers, changeMembers, leaveGroup } from '../groups/members.ts'
import type { MemberOutcome } from '../groups/members.ts'
import type { GroupRefusal, MemberDeed } from '../groups/rules.ts'
import { changeGroup, createGroup, setDescription, setSubject } from '../groups/settings.ts'
import type { GroupChange } from '../groups/settings.ts'
import { Refusal } from '../refusal.ts'
import { groupJid } from '../wire/jid.ts'
import type { Account } from '../world/accounts.ts'
import { isAdmin } from '../world/groups.ts'
import type { Group, MemberAddMode } from '../world/groups.ts'
import type { World } from '../world/world.ts'
import { personOf } from './people.ts'
import type { Written } from './writing.ts'

/** A group to make: its first participant creates it and is admin. */
export type NewGroup = { subject: string; participants: readonly string[] }

/** A group as the manifest shows it: its address, subject and members' phones. */
export type GroupView = { id: string; subject: string; participants: string[] }

/** A change of members, made by one phone (the first admin's when it is not named). */
export type Membership = { action: 'add' | MemberDeed; participants: readonly string[]; by?: string | undefined }

/** What a change of members came to for one of them: '200' or the code of the refusal. */
export type MembershipOutcome = { phone: string; status: string }

/** What one phone changes about a group. */
export type GroupEdit = {
  by?: string | undefined
  subject?: string | undefined
  description?: string | null | undefined
  announce?: boolean | undefined
  locked?: boolean | undefined
  ephemeralSeconds?: number | undefined
  memberAddMode?: MemberAddMode | undefined
  joinApproval?: boolean | undefined
}

/** Shows a group. */
export const groupView = (world: World, { id, subject, members }: Group): GroupView => ({
  id: groupJid(id),
  subject,
  participants: [...members.keys()].flatMap((lid) => world.accounts.byLid(lid)?.phone ?? []),
})

const groupOf = (world: World, id: string): Group => {
  const group = world.groups.get(id)
  if (!group) throw new Refusal('NOT_FOUND', 'there is no such group')
  return group
}

const actorOf = (world: World, group: Group, by: string | undefined): Account => {
  const admin = [...group.members.keys()].find((lid) => isAdmin(group, lid))
  const actor = by === undefined ? world.accounts.byLid(admin ?? '') : personOf(world, by)
  if (!actor) throw new Refusal('BAD_REQUEST', 'the group has no admin: say who changes it')
  return actor
}

const settled = (refusal: GroupRefusal | undefined): void => {
  if (refusal) throw new Refusal('BAD_REQUEST', `the group refuses: ${refusal.words} (${refusal.code})`)
}

/** Makes a group of people, unknown phones among them becoming contacts at once. */
export const makeGroup = (world: World, { subject, participants }: NewGroup): Written => {
  const [creator, ...others] = participants.map((phone) => personOf(world, phone))
  if (!creator) throw new Refusal('BAD_REQUEST', 'a group needs somebody who creates it')
  const made = createGroup(world, creator, subject, others)
  if (!('group' in made)) throw new Refusal('BAD_REQUEST', `the group cannot be made: ${made.words}`)
  world.storage.flush()
  return { id: groupJid(made.group.id) }
}

/** Adds, removes, promotes or demotes; who removes only itself leaves. */
export const changeMembership = (world: World, id: string, { action, participants, by }: Membership): MembershipOutcome[] => {
  const group = groupOf(world, id)
  const actor = actorOf(world, group, by)
  const people = participants.map((phone) => personOf(world, phone))
  const isLeaving = action === 'remove' && people.length === 1 && people[0] === actor
  let outcomes: GroupRefusal | MemberOutcome[]
  if (isLeaving) {
    leaveGroup(world, group, actor)
    outcomes = [{ account: actor }]
  } else outcomes = action === 'add' ? addMembers(world, group, actor, people) : changeMembers(world, group, actor, action, people)
  if (!Array.isArray(outcomes)) throw new Refusal('BAD_REQUEST', `the group refuses: ${outcomes.words} (${outcomes.code})`)
  world.storage.flush()
  return outcomes.map(({ account, error }) => ({ phone: account.phone, status: error ?? '200' }))
}

const switches = ({ announce, locked, ephemeralSeconds, memberAddMode, joinApproval }: GroupEdit): GroupChange[] => [
  ...(announce === undefined ? [] : [{ announce }]),
  ...(locked === undefined ? [] : [{ locked }]),
  ...(ephemeralSeconds === undefined ? [] : [{ ephemeralSeconds }]),
  ...(memberAddMode === undefined ? [] : [{ memberAddMode }]),
  ...(joinApproval === undefined ? [] : [{ joinApproval }]),
]

/** Changes a group's subject, description and switches. */
export const editGroup = (world: World, id: string, edit: GroupEdit): GroupView => {
  const group = groupOf(world, id)
  const actor = actorOf(world, group, edit.by)
  if (edit.subject !== undefined) settled(setSubject(world, group, actor, edit.subject))
  if (edit.description !== undefined) settled(setDescription(world, group, actor, { text: edit.description ?? undefined }))
  for (const change of switches(edit)) settled(changeGroup(world, group, actor, change))
  world.storage.flush()
  return groupView(world, group)
}
