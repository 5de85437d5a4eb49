import type { Account } from '../world/accounts.ts'
import { nowSeconds } from '../world/groups.ts'
import type { Group, MemberAddMode } from '../world/groups.ts'
import type { World } from '../world/world.ts'
import { node } from '../stanza/node.ts'
import type { BinaryNode } from '../stanza/node.ts'
import { weighAdditions } from './members.ts'
import type { MemberOutcome } from './members.ts'
import { addressOf, descriptionNode, groupNode } from './nodes.ts'
import { newStanzaId, notifyGroup } from './notices.ts'
import { CONFLICT, MAX_DESCRIPTION_LENGTH, MAX_SUBJECT_LENGTH, NOT_ACCEPTABLE, refusalFor } from './rules.ts'
import type { GroupRefusal } from './rules.ts'

/** Makes a group of its creator and those who can be added, and tells all of them. */
export const createGroup = (
  world: World,
  creator: Account,
  subject: string,
  people: readonly Account[],
  key?: string,
): GroupRefusal | { group: Group; outcomes: MemberOutcome[] } => {
  if (subject.length === 0 || subject.length > MAX_SUBJECT_LENGTH) return NOT_ACCEPTABLE
  const group = world.groups.create(subject, creator.lid)
  const { welcome, outcomes } = weighAdditions(group, creator, people.filter((account) => account.lid !== creator.lid))
  for (const account of welcome) group.members.set(account.lid, 'member')
  world.groups.save(group)
  notifyGroup(world, group, creator, group.members.keys(), (addressing) =>
    node('create', { type: 'new', key }, [groupNode(world.accounts, group, addressing)]))
  return { group, outcomes }
}

/** Renames the group. */
export const setSubject = (world: World, group: Group, actor: Account, subject: string): GroupRefusal | undefined => {
  const refusal = refusalFor(group, actor.lid, 'edit')
  if (refusal) return refusal
  if (subject.length === 0 || subject.length > MAX_SUBJECT_LENGTH) return NOT_ACCEPTABLE
  Object.assign(group, { subject, subjectOwner: actor.lid, subjectAt: nowSeconds() })
  world.groups.save(group)
  notifyGroup(world, group, actor, group.members.keys(), (addressing) =>
    node('subject', { subject, s_o: addressOf(world.accounts, actor, addressing), s_t: String(group.subjectAt) }))
  return undefined
}

/** What a description is changed to; `previousId` guards against overwriting what the writer has not seen. */
export type DescriptionChange = { text: string | undefined; id?: string | undefined; previousId?: string | undefined }

/** Writes or removes the description. */
export const setDescription = (world: World, group: Group, actor: Account, change: DescriptionChange): GroupRefusal | undefined => {
  const refusal = refusalFor(group, actor.lid, 'edit')
  if (refusal) return refusal
  if (change.previousId !== undefined && change.previousId !== group.description?.id) return CONFLICT
  if (change.text !== undefined && change.text.length > MAX_DESCRIPTION_LENGTH) return NOT_ACCEPTABLE
  group.description = change.text === undefined || change.text === ''
    ? undefined
    : { id: change.id ?? newStanzaId(), text: change.text, owner: actor.lid, setAt: nowSeconds() }
  world.groups.save(group)
  notifyGroup(world, group, actor, group.members.keys(), (addressing) =>
    descriptionNode(world.accounts, group, addressing) ?? node('description', { delete: 'true' }))
  return undefined
}

/** One switch of a group. */
export type GroupChange =
  | { announce: boolean }
  | { locked: boolean }
  | { ephemeralSeconds: number }
  | { memberAddMode: MemberAddMode }
  | { joinApproval: boolean }

const changeNode = (change: GroupChange): BinaryNode => {
  if ('announce' in change) return node(change.announce ? 'announcement' : 'not_announcement')
  if ('locked' in change) return node(change.locked ? 'locked' : 'unlocked')
  if ('memberAddMode' in change) return node('member_add_mode', {}, Buffer.from(change.memberAddMode))
  if ('joinApproval' in change) {
    return node('membership_approval_mode', {}, [node('group_join', { state: change.joinApproval ? 'on' : 'off' })])
  }
  return change.ephemeralSeconds > 0 ? node('ephemeral', { expiration: String(change.ephemeralSeconds) }) : node('not_ephemeral')
}

/** Turns a switch: who may edit may also set the timer of disappearing messages, the rest is for admins. */
export const changeGroup = (world: World, group: Group, actor: Account, change: GroupChange): GroupRefusal | undefined => {
  const refusal = refusalFor(group, actor.lid, 'ephemeralSeconds' in change ? 'edit' : 'govern')
  if (refusal) return refusal
  Object.assign(group, change)
  world.groups.save(group)
  notifyGroup(world, group, actor, group.members.keys(), () => changeNode(change))
  return undefined
}
