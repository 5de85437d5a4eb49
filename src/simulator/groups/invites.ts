import type { Account } from '../world/accounts.ts'
import { newInviteCode, nowSeconds } from '../world/groups.ts'
import type { Group } from '../world/groups.ts'
import type { World } from '../world/world.ts'
import { node } from '../stanza/node.ts'
import { admit, requestToJoin } from './members.ts'
import { notifyGroup } from './notices.ts'
import { CONFLICT, GONE, MAX_MEMBERS, NOT_ACCEPTABLE, NOT_FOUND, refusalFor } from './rules.ts'
import type { GroupRefusal } from './rules.ts'

/** The group a link leads to; a code that was taken back is gone, any other is not acceptable. */
export const groupByInvite = (world: World, code: string): Group | GroupRefusal =>
  world.groups.byInvite(code) ?? (world.groups.wasRevoked(code) ? GONE : NOT_ACCEPTABLE)

/** Replaces the link's code. */
export const revokeInvite = (world: World, group: Group, actor: Account): GroupRefusal | undefined => {
  const refusal = refusalFor(group, actor.lid, 'govern')
  if (refusal) return refusal
  group.formerCodes.push(group.inviteCode)
  group.inviteCode = newInviteCode()
  world.groups.save(group)
  notifyGroup(world, group, actor, group.members.keys(), () => node('invite', { code: group.inviteCode }))
  return undefined
}

const fullOrMember = (group: Group, account: Account): GroupRefusal | undefined => {
  if (group.members.has(account.lid)) return CONFLICT
  return group.members.size >= MAX_MEMBERS ? NOT_ACCEPTABLE : undefined
}

/** Joins by link: at once, or by asking where admins decide. */
export const joinByInvite = (world: World, account: Account, code: string): GroupRefusal | { group: Group; joined: boolean } => {
  const group = groupByInvite(world, code)
  if ('words' in group) return group
  const refusal = fullOrMember(group, account)
  if (refusal) return refusal
  if (group.joinApproval) requestToJoin(world, group, account, account, 'invite_link')
  else admit(world, group, account, [account])
  return { group, joined: !group.joinApproval }
}

/** Joins by an invitation that one admin wrote to this person alone. */
export const joinPersonally = (world: World, group: Group, account: Account, admin: Account, code: string): GroupRefusal | undefined => {
  const invite = group.personalInvites.find(({ lid }) => lid === account.lid)
  if (invite === undefined || invite.code !== code || invite.admin !== admin.lid) return NOT_FOUND
  if (invite.expiresAt < nowSeconds()) return GONE
  const refusal = fullOrMember(group, account)
  if (refusal) return refusal
  admit(world, group, admin, [account])
  return undefined
}

/** Takes back the invitation of one person. */
export const revokePersonalInvite = (world: World, group: Group, actor: Account, invited: Account): GroupRefusal | undefined => {
  const refusal = refusalFor(group, actor.lid, 'add')
  if (refusal) return refusal
  group.personalInvites = group.personalInvites.filter(({ lid }) => lid !== invited.lid)
  world.groups.save(group)
  return undefined
}
