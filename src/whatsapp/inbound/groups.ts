import type { GroupMetadata, GroupParticipant } from '@whiskeysockets/baileys'
import type { GroupChange } from '../../events/domain.ts'
import type { GroupRow } from '../../store/store.ts'
import type { Directory } from './directory.ts'
import { toCount, toSeconds, toText } from './values.ts'

type Role = GroupRow['participants'][number]['role']
type ParticipantsAction = 'add' | 'remove' | 'promote' | 'demote'

/** The row of a group's whole metadata. */
export function toGroup(metadata: GroupMetadata, directory: Directory): GroupRow {
  return row(plain(metadata), directory)
}

/** The row with one notice's changes; null when its metadata cannot be read and has to be asked for again. */
export function mergeGroup(group: GroupRow, change: GroupChange): GroupRow | null {
  const metadata = parse(group.raw)
  if (metadata === null) return null
  const next: GroupMetadata = {
    ...metadata,
    subject: change.subject ?? metadata.subject,
    ...(change.description === undefined ? {} : { desc: change.description ?? '' }),
    ...(change.announce === undefined ? {} : { announce: change.announce }),
    ...(change.locked === undefined ? {} : { restrict: change.locked }),
    ...(change.ephemeralExpiration === undefined ? {} : { ephemeralDuration: change.ephemeralExpiration ?? 0 }),
    ...(change.inviteCode === undefined ? {} : { inviteCode: change.inviteCode }),
    ...(change.memberAddMode === undefined ? {} : { memberAddMode: change.memberAddMode }),
    ...(change.joinApprovalMode === undefined ? {} : { joinApprovalMode: change.joinApprovalMode }),
  }
  return { ...group, ...facts(next), raw: JSON.stringify(next) }
}

/** The row with people added, removed, made admins or members again; null as in {@link mergeGroup}. */
export function mergeParticipants(group: GroupRow, action: ParticipantsAction, people: readonly GroupParticipant[], directory: Directory): GroupRow | null {
  const metadata = parse(group.raw)
  if (metadata === null) return null
  const given = new Map(people.map((person) => [idOf(person, directory), participant(person)]))
  const present = metadata.participants.filter((person) => action !== 'remove' || !given.has(idOf(person, directory)))
  const known = new Set(present.map((person) => idOf(person, directory)))
  const participants = present.map((person) => (given.has(idOf(person, directory)) ? { ...person, ...ROLE_AFTER[action] } : person))
  for (const [id, person] of given) {
    if (action === 'add' && !known.has(id)) participants.push(person)
  }
  return row({ ...metadata, participants, size: participants.length }, directory)
}

/** What a change of participants makes of those already there. */
const ROLE_AFTER: { readonly [A in ParticipantsAction]: Pick<GroupParticipant, 'admin'> } = { add: {}, remove: {}, promote: { admin: 'admin' }, demote: { admin: null } }

function row(metadata: GroupMetadata, directory: Directory): GroupRow {
  const roles = new Map<string, Role>()
  for (const person of metadata.participants) {
    const id = idOf(person, directory)
    if (id !== '') roles.set(id, roleOf(person))
  }
  const owner = directory.canonical(metadata.ownerPn ?? metadata.owner ?? '')
  return {
    id: metadata.id,
    ...facts(metadata),
    owner: owner === '' ? null : owner,
    createdAt: toSeconds(metadata.creation),
    participants: [...roles].map(([id, role]) => ({ id, role })),
    raw: JSON.stringify(metadata),
  }
}

const facts = (metadata: GroupMetadata): Pick<GroupRow, 'subject' | 'description' | 'announce' | 'locked' | 'ephemeralExpiration'> => ({
  subject: metadata.subject,
  description: metadata.desc ? metadata.desc : null,
  announce: metadata.announce === true,
  locked: metadata.restrict === true,
  ephemeralExpiration: toCount(metadata.ephemeralDuration) || null,
})

const idOf = (person: GroupParticipant, directory: Directory): string => directory.canonical(person.phoneNumber ?? person.id)

function roleOf(person: GroupParticipant): Role {
  if (person.admin === 'superadmin' || person.isSuperAdmin === true) return 'superadmin'
  return person.admin === 'admin' || person.isAdmin === true ? 'admin' : 'member'
}

function parse(raw: string): GroupMetadata | null {
  try {
    return JSON.parse(raw) as GroupMetadata
  } catch {
    return null
  }
}

const KEPT = [
  'notify', 'addressingMode', 'ownerPn', 'ownerUsername', 'owner_country_code', 'subjectOwner', 'subjectOwnerPn', 'subjectTime', 'creation', 'desc', 'descOwner',
  'descOwnerPn', 'descId', 'descTime', 'linkedParent', 'restrict', 'announce', 'memberAddMode', 'joinApprovalMode', 'isCommunity', 'isCommunityAnnounce', 'size',
  'ephemeralDuration', 'inviteCode',
] as const satisfies readonly (keyof GroupMetadata)[]

/** The metadata with its known fields alone, texts that JSON can carry. */
function plain(metadata: GroupMetadata): GroupMetadata {
  const kept = KEPT.flatMap((field) => {
    const value = metadata[field]
    return value === undefined || value === null ? [] : [[field, typeof value === 'string' ? toText(value) : value] as const]
  })
  return {
    ...(Object.fromEntries(kept) as Partial<GroupMetadata>),
    id: metadata.id,
    owner: metadata.owner ?? undefined,
    subject: toText(metadata.subject) ?? '',
    participants: (metadata.participants ?? []).map(participant),
  }
}

const participant = (person: GroupParticipant): GroupParticipant => ({
  id: person.id,
  ...(person.phoneNumber ? { phoneNumber: person.phoneNumber } : {}),
  ...(person.lid ? { lid: person.lid } : {}),
  admin: roleOf(person) === 'member' ? null : roleOf(person) === 'admin' ? 'admin' : 'superadmin',
})
