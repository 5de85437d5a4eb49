import { randomBytes } from 'node:crypto'
import type { Account, Addressing } from '../world/accounts.ts'
import { isAdmin, nowSeconds } from '../world/groups.ts'
import type { Group, GroupRole, PersonalInvite } from '../world/groups.ts'
import type { World } from '../world/world.ts'
import { node } from '../stanza/node.ts'
import type { BinaryNode } from '../stanza/node.ts'
import { groupNode, participantNode } from './nodes.ts'
import { notifyGroup } from './notices.ts'
import { MAX_MEMBERS, memberRefusal, refusalFor } from './rules.ts'
import type { GroupRefusal, MemberDeed } from './rules.ts'

/** What came of a change for one person: an error code, a request that waits, or nothing special. */
export type MemberOutcome = { account: Account; error?: string; invite?: PersonalInvite }

const PERSONAL_INVITE_SECONDS = 3 * 24 * 3600

const participantsOf = (world: World, people: readonly Account[], addressing: Addressing, role?: GroupRole): BinaryNode[] =>
  people.map((account) => participantNode(world.accounts, account.lid, addressing, { type: role === 'member' ? undefined : role }))
    .filter((participant) => participant !== undefined)

const admins = (group: Group): string[] => [...group.members.keys()].filter((lid) => isAdmin(group, lid))

/** Why a person cannot be put into the group by somebody else. */
const addRefusal = (group: Group, actor: Account, target: Account): string | undefined => {
  if (group.members.has(target.lid)) return '409'
  if (!target.registered) return '404'
  if (group.members.size >= MAX_MEMBERS) return '500'
  const groupadd = target.privacy['groupadd']
  return groupadd === 'none' || target.blocked.includes(actor.lid) ? '403' : undefined
}

const invitePersonally = (group: Group, actor: Account, target: Account): PersonalInvite => {
  const invite: PersonalInvite = {
    lid: target.lid,
    admin: actor.lid,
    code: randomBytes(12).toString('base64url'),
    expiresAt: nowSeconds() + PERSONAL_INVITE_SECONDS,
  }
  group.personalInvites = [...group.personalInvites.filter(({ lid }) => lid !== target.lid), invite]
  return invite
}

/** Lets people in and tells everybody; the newcomers learn the whole group. */
export const admit = (world: World, group: Group, actor: Account, people: readonly Account[]): void => {
  if (people.length === 0) return
  const before = [...group.members.keys()]
  for (const account of people) group.members.set(account.lid, 'member')
  const arrived = new Set(people.map((account) => account.lid))
  group.requests = group.requests.filter(({ lid }) => !arrived.has(lid))
  group.personalInvites = group.personalInvites.filter(({ lid }) => !arrived.has(lid))
  world.groups.save(group)
  notifyGroup(world, group, actor, arrived, (addressing) => node('create', {}, [groupNode(world.accounts, group, addressing)]))
  notifyGroup(world, group, actor, [...before, ...arrived], (addressing) => node('add', {}, participantsOf(world, people, addressing)))
}

/** Notes that somebody wants to join a group whose admins decide, and tells these. */
export const requestToJoin = (world: World, group: Group, actor: Account, target: Account, method: 'invite_link' | 'non_admin_add'): void => {
  if (group.requests.every(({ lid }) => lid !== target.lid)) group.requests.push({ lid: target.lid, at: nowSeconds(), method })
  world.groups.save(group)
  notifyGroup(world, group, actor, [...admins(group), actor.lid], (addressing) =>
    node('created_membership_requests', { request_method: method }, participantsOf(world, [target], addressing)))
}

/** Sorts people into those who can be added at once and those who cannot, who get an error or an invitation of their own. */
export const weighAdditions = (group: Group, actor: Account, people: readonly Account[]): { welcome: Account[]; outcomes: MemberOutcome[] } => {
  const welcome: Account[] = []
  const outcomes = people.map((account): MemberOutcome => {
    const error = addRefusal(group, actor, account)
    if (error === '403') return { account, error, invite: invitePersonally(group, actor, account) }
    if (error !== undefined) return { account, error }
    welcome.push(account)
    return { account }
  })
  return { welcome, outcomes }
}

/** Adds people, each with an outcome of their own; a whole refusal when the actor may not add at all. */
export const addMembers = (world: World, group: Group, actor: Account, people: readonly Account[]): GroupRefusal | MemberOutcome[] => {
  const refusal = refusalFor(group, actor.lid, 'add')
  if (refusal) return refusal
  const { welcome, outcomes } = weighAdditions(group, actor, people)
  world.groups.save(group)
  if (group.joinApproval && !isAdmin(group, actor.lid)) {
    for (const account of welcome) requestToJoin(world, group, actor, account, 'non_admin_add')
  } else admit(world, group, actor, welcome)
  return outcomes
}

const ROLE_AFTER = { promote: 'admin', demote: 'member' } as const

/** Removes, promotes or demotes people; only admins may. */
export const changeMembers = (
  world: World,
  group: Group,
  actor: Account,
  deed: MemberDeed,
  people: readonly Account[],
): GroupRefusal | MemberOutcome[] => {
  const refusal = refusalFor(group, actor.lid, 'govern')
  if (refusal) return refusal
  const audience = [...group.members.keys()]
  const changed: Account[] = []
  const outcomes = people.map((account): MemberOutcome => {
    const error = memberRefusal(group, account.lid, deed)
    if (error !== undefined) return { account, error }
    if (deed === 'remove') group.members.delete(account.lid)
    else group.members.set(account.lid, ROLE_AFTER[deed])
    changed.push(account)
    return { account }
  })
  world.groups.save(group)
  if (changed.length > 0) {
    notifyGroup(world, group, actor, audience, (addressing) =>
      node(deed, {}, participantsOf(world, changed, addressing, deed === 'remove' ? undefined : ROLE_AFTER[deed])))
  }
  return outcomes
}

/** Lets a member go; a group that loses its last admin gets its longest member as one. */
export const leaveGroup = (world: World, group: Group, account: Account): void => {
  const audience = [...group.members.keys()]
  if (!group.members.delete(account.lid)) return
  world.groups.save(group)
  notifyGroup(world, group, account, audience, (addressing) => node('remove', {}, participantsOf(world, [account], addressing)))
  const heir = world.accounts.byLid([...group.members.keys()][0] ?? '')
  if (heir === undefined || admins(group).length > 0) return
  group.members.set(heir.lid, 'admin')
  world.groups.save(group)
  notifyGroup(world, group, account, group.members.keys(), (addressing) => node('promote', {}, participantsOf(world, [heir], addressing, 'admin')))
}

/** Approves or rejects those who asked to join; only admins may. */
export const decideRequests = (
  world: World,
  group: Group,
  actor: Account,
  verdict: 'approve' | 'reject',
  people: readonly Account[],
): GroupRefusal | MemberOutcome[] => {
  const refusal = refusalFor(group, actor.lid, 'govern')
  if (refusal) return refusal
  const waiting = people.filter((account) => group.requests.some(({ lid }) => lid === account.lid))
  group.requests = group.requests.filter(({ lid }) => waiting.every((account) => account.lid !== lid))
  world.groups.save(group)
  if (verdict === 'approve') admit(world, group, actor, waiting)
  else if (waiting.length > 0) {
    notifyGroup(world, group, actor, [...admins(group), ...waiting.map(({ lid }) => lid)], (addressing) =>
      node('revoked_membership_requests', {}, participantsOf(world, waiting, addressing)))
  }
  return people.map((account) => (waiting.includes(account) ? { account } : { account, error: '404' }))
}
