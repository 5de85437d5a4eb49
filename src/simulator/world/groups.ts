import { randomBytes } from 'node:crypto'
import type { Collection, Storage } from './storage.ts'

/** What a member may do: the creator is superadmin and stays it. */
export type GroupRole = 'member' | 'admin' | 'superadmin'

/** Who may add others. */
export type MemberAddMode = 'admin_add' | 'all_member_add'

/** A group's text about itself; ids are chosen by whoever writes it. */
export type GroupDescription = { id: string; text: string; owner: string; setAt: number }

/** Somebody who asked to join a group whose admins decide. */
export type JoinRequest = { lid: string; at: number; method: 'invite_link' | 'non_admin_add' }

/** A private invitation to one person that a closed address book did not let in at once. */
export type PersonalInvite = { lid: string; admin: string; code: string; expiresAt: number }

/** A group as the server knows it; people are LID users, times Unix seconds. */
export type Group = {
  /** Without the server part. */
  id: string
  subject: string
  subjectOwner: string
  subjectAt: number
  creator: string
  createdAt: number
  description: GroupDescription | undefined
  /** Roles by LID user, in the order of joining. */
  members: Map<string, GroupRole>
  /** Only admins write. */
  announce: boolean
  /** Only admins edit subject, description and picture. */
  locked: boolean
  ephemeralSeconds: number
  memberAddMode: MemberAddMode
  joinApproval: boolean
  inviteCode: string
  /** Codes that were taken back. */
  formerCodes: string[]
  requests: JoinRequest[]
  personalInvites: PersonalInvite[]
}

/** The register of groups. */
export type Groups = {
  /** By id, with or without `@g.us`. */
  get(id: string | undefined): Group | undefined
  byInvite(code: string): Group | undefined
  /** Whether a code once led into some group. */
  wasRevoked(code: string): boolean
  /** Groups this LID user is a member of. */
  of(lid: string): Group[]
  /** A group with its creator as its only member. */
  create(subject: string, creator: string): Group
  save(group: Group): void
  list(): Group[]
}

/** A fresh code for a chat.whatsapp.com link: 22 letters and digits. */
export const newInviteCode = (): string => randomBytes(32).toString('base64').replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 22).padEnd(22, 'A')

/** Unix seconds now. */
export const nowSeconds = (): number => Math.floor(Date.now() / 1000)

/** Whether a LID user administrates the group. */
export const isAdmin = (group: Group, lid: string): boolean => (group.members.get(lid) ?? 'member') !== 'member'

const FIRST_ID = 120_363_000_000_000_000n

/** Opens the register kept in the world's storage. */
export const openGroups = (storage: Storage): Groups => {
  const rows: Collection<Group> = storage.collection<Group>('groups')
  const nextId = (): string => {
    for (;;) {
      const id = (FIRST_ID + (randomBytes(8).readBigUInt64BE() % 1_000_000_000_000_000n)).toString()
      if (!rows.has(id)) return id
    }
  }
  return {
    get: (id) => (id === undefined ? undefined : rows.get(id.replace('@g.us', ''))),
    byInvite: (code) => [...rows.values()].find((group) => group.inviteCode === code),
    wasRevoked: (code) => [...rows.values()].some((group) => group.formerCodes.includes(code)),
    of: (lid) => [...rows.values()].filter((group) => group.members.has(lid)),
    create: (subject, creator) => {
      const at = nowSeconds()
      const group: Group = {
        id: nextId(),
        subject,
        subjectOwner: creator,
        subjectAt: at,
        creator,
        createdAt: at,
        description: undefined,
        members: new Map([[creator, 'superadmin']]),
        announce: false,
        locked: false,
        ephemeralSeconds: 0,
        memberAddMode: 'all_member_add',
        joinApproval: false,
        inviteCode: newInviteCode(),
        formerCodes: [],
        requests: [],
        personalInvites: [],
      }
      rows.set(group.id, group)
      return group
    },
    save: (group) => rows.set(group.id, group),
    list: () => [...rows.values()],
  }
}
