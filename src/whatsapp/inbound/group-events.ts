import { isDeepStrictEqual } from 'node:util'
import type { BaileysEventMap, GroupMetadata, GroupParticipant } from '@whiskeysockets/baileys'
import type { GroupChange } from '../../events/domain.ts'
import { isGroup, normalizeJid } from '../../jid.ts'
import type { GroupRow } from '../../store/store.ts'
import { isOwn } from './directory.ts'
import { mergeGroup, mergeParticipants, toGroup } from './groups.ts'
import type { People } from './people.ts'
import { toPerson, type Scope } from './scope.ts'
import { toCount, toFilledText, toSeconds, toText } from './values.ts'

/** Takes the pairs that a group's participants teach. */
export function learnParticipants(participants: readonly GroupParticipant[] | null | undefined, people: People): void {
  for (const { id, phoneNumber, lid } of participants ?? []) {
    people.pair(id, phoneNumber)
    people.pair(id, lid)
    people.pair(phoneNumber, lid)
  }
}

/** Takes the pairs of everybody whom a group's metadata names. */
export function learnGroups(groups: readonly Partial<GroupMetadata>[], people: People): void {
  for (const group of groups) {
    learnParticipants(group.participants, people)
    people.pair(group.owner, group.ownerPn)
    people.pair(group.subjectOwner, group.subjectOwnerPn)
    people.pair(group.descOwner, group.descOwnerPn)
    people.pair(group.author, group.authorPn)
  }
}

/** Groups as they are, but for those that are as they were; one changed field alone was told by its notice already. */
export function convertGroups(groups: readonly Partial<GroupMetadata>[], scope: Scope): void {
  for (const metadata of groups) {
    const id = normalizeJid(metadata.id)
    if (id === null || !isGroup(id)) continue
    const by = toPerson(scope.directory, metadata.author, metadata.authorPn)
    if (Array.isArray(metadata.participants) && typeof metadata.subject === 'string') {
      const group = toGroup({ ...metadata, id, owner: metadata.owner, subject: metadata.subject, participants: metadata.participants }, scope.directory)
      if (isDeepStrictEqual(present(id, scope), group)) continue
      scope.groups.set(id, group)
      scope.emit({ type: 'group.updated', id, group, changed: {}, by })
    } else if (!('author' in metadata)) groupChanged(id, toChange(metadata), by, scope)
  }
}

/** Tells that people of a group changed, and that the account left when it is among those removed. */
export function participantsChanged(id: string, action: BaileysEventMap['group-participants.update']['action'], people: readonly GroupParticipant[], by: string | null, scope: Scope): void {
  const known = present(id, scope)
  const group = known === null || action === 'modify' ? null : keep(mergeParticipants(known, action, people, scope.directory), scope)
  const participants = people.map((person) => scope.directory.canonical(person.phoneNumber ?? person.id)).filter((person) => person !== '')
  scope.emit({ type: 'group.participants_changed', id, action, participants, by, group })
  if (action === 'remove' && participants.some((person) => isOwn(person, scope.directory.own))) scope.emit({ type: 'group.left', id, by })
}

/** Tells one notice's changes, with the whole group where it is known. */
export function groupChanged(id: string, changed: GroupChange, by: string | null, scope: Scope): void {
  if (Object.keys(changed).length === 0) return
  const known = present(id, scope)
  const group = known === null ? null : keep(mergeGroup(known, changed), scope)
  scope.emit({ type: 'group.updated', id, group, changed, by })
}

/** Somebody asks to join, or no longer. */
export function convertJoinRequest(request: BaileysEventMap['group.join-request'], scope: Scope): void {
  const participant = scope.directory.canonical(request.participantPn ?? request.participant ?? '')
  const id = normalizeJid(request.id)
  if (participant === '' || id === null) return
  scope.emit({ type: 'group.join_requested', id, participant, by: toPerson(scope.directory, request.author, request.authorPn), action: request.action, method: request.method ?? null })
}

/** A member's label within a group. */
export function convertMemberTag(tag: BaileysEventMap['group.member-tag.update'], scope: Scope): void {
  const participant = scope.directory.canonical(tag.participant ?? '')
  const id = normalizeJid(tag.groupId)
  if (participant === '' || id === null) return
  scope.emit({ type: 'group.member_labeled', id, participant, label: toText(tag.label) ?? '', timestamp: toSeconds(tag.messageTimestamp) })
}

const present = (id: string, scope: Scope): GroupRow | null => scope.groups.get(id) ?? scope.directory.group(id)

function keep(group: GroupRow | null, scope: Scope): GroupRow | null {
  if (group !== null) scope.groups.set(group.id, group)
  return group
}

function toChange(metadata: Partial<GroupMetadata>): GroupChange {
  return {
    ...(metadata.subject === undefined ? {} : { subject: toText(metadata.subject) ?? '' }),
    ...(metadata.desc === undefined ? {} : { description: toFilledText(metadata.desc) }),
    ...(metadata.announce === undefined ? {} : { announce: metadata.announce }),
    ...(metadata.restrict === undefined ? {} : { locked: metadata.restrict }),
    ...(metadata.ephemeralDuration === undefined ? {} : { ephemeralExpiration: toCount(metadata.ephemeralDuration) || null }),
    ...(metadata.inviteCode === undefined ? {} : { inviteCode: metadata.inviteCode }),
    ...(metadata.memberAddMode === undefined ? {} : { memberAddMode: metadata.memberAddMode }),
    ...(metadata.joinApprovalMode === undefined ? {} : { joinApprovalMode: metadata.joinApprovalMode }),
  }
}
