import { isAdmin } from '../world/groups.ts'
import type { Group } from '../world/groups.ts'

/** A refusal: WhatsApp's code and word for it. */
export type GroupRefusal = { code: 400 | 403 | 404 | 406 | 409 | 410; words: string }

export const NOT_FOUND: GroupRefusal = { code: 404, words: 'item-not-found' }
export const FORBIDDEN: GroupRefusal = { code: 403, words: 'forbidden' }
export const BAD_REQUEST: GroupRefusal = { code: 400, words: 'bad-request' }
export const NOT_ACCEPTABLE: GroupRefusal = { code: 406, words: 'not-acceptable' }
export const CONFLICT: GroupRefusal = { code: 409, words: 'conflict' }
export const GONE: GroupRefusal = { code: 410, words: 'gone' }

/** WhatsApp's bounds for a group. */
export const MAX_SUBJECT_LENGTH = 100
export const MAX_DESCRIPTION_LENGTH = 2048
export const MAX_MEMBERS = 1024

/** What a member wants to do with a group. */
export type GroupDeed = 'see' | 'write' | 'edit' | 'govern' | 'add' | 'link'

/** Why this LID user may not do it, or undefined. */
export const refusalFor = (group: Group, lid: string, deed: GroupDeed): GroupRefusal | undefined => {
  if (!group.members.has(lid)) return FORBIDDEN
  if (isAdmin(group, lid)) return undefined
  const closed: Record<GroupDeed, boolean> = {
    see: false,
    write: group.announce,
    edit: group.locked,
    govern: true,
    add: group.memberAddMode === 'admin_add',
    // Where members may not add, they do not hold the link either.
    link: group.memberAddMode === 'admin_add',
  }
  return closed[deed] ? FORBIDDEN : undefined
}

/** What may be done to one member, and why not. */
export type MemberDeed = 'remove' | 'promote' | 'demote'

/** Why this cannot be done to the target, as the participant's error code; undefined when it can. */
export const memberRefusal = (group: Group, target: string, deed: MemberDeed): '404' | '405' | '409' | undefined => {
  const role = group.members.get(target)
  if (role === undefined) return '404'
  if (role === 'superadmin' && deed !== 'promote') return '405'
  if (deed === 'promote') return role === 'member' ? undefined : '409'
  return deed === 'demote' && role === 'member' ? '409' : undefined
}
