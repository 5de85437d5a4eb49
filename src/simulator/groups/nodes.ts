import type { Account, Accounts, Addressing } from '../world/accounts.ts'
import type { Group } from '../world/groups.ts'
import { node } from '../stanza/node.ts'
import type { BinaryNode } from '../stanza/node.ts'

/** Somebody's address in the asked form. */
export const addressOf = (accounts: Accounts, account: Account, addressing: Addressing): string =>
  addressing === 'lid' ? accounts.lidOf(account) : accounts.pn(account)

/** `<participant>` in the asked form, with the other form beside it; without an account there is nothing to show. */
export const participantNode = (
  accounts: Accounts,
  lid: string,
  addressing: Addressing,
  more: Record<string, string | undefined> = {},
  content?: BinaryNode[],
): BinaryNode | undefined => {
  const account = accounts.byLid(lid)
  if (account === undefined) return undefined
  return node('participant', {
    jid: addressOf(accounts, account, addressing),
    ...(addressing === 'lid' ? { phone_number: accounts.pn(account) } : { lid: accounts.lidOf(account) }),
    ...more,
  }, content)
}

const person = (accounts: Accounts, lid: string, addressing: Addressing): { jid: string | undefined; pn: string | undefined } => {
  const account = accounts.byLid(lid)
  if (account === undefined) return { jid: undefined, pn: undefined }
  return { jid: addressOf(accounts, account, addressing), pn: addressing === 'lid' ? accounts.pn(account) : undefined }
}

/** `<description>` as metadata shows it, undefined for a group without one. */
export const descriptionNode = (accounts: Accounts, group: Group, addressing: Addressing): BinaryNode | undefined => {
  if (group.description === undefined) return undefined
  const owner = person(accounts, group.description.owner, addressing)
  return node('description', {
    id: group.description.id,
    participant: owner.jid,
    participant_pn: owner.pn,
    t: String(group.description.setAt),
  }, [node('body', {}, Buffer.from(group.description.text, 'utf8'))])
}

/** What of a group is shown: all of it to members, no members to who holds only a link. */
export type GroupView = 'member' | 'invited'

/** `<group>`: a group's metadata in the asked form of address. */
export const groupNode = (accounts: Accounts, group: Group, addressing: Addressing, view: GroupView = 'member'): BinaryNode => {
  const creator = person(accounts, group.creator, addressing)
  const subjectOwner = person(accounts, group.subjectOwner, addressing)
  const participants = [...group.members].map(([lid, role]) =>
    participantNode(accounts, lid, addressing, { type: role === 'member' ? undefined : role }))
  const parts: (BinaryNode | undefined)[] = [
    ...(view === 'member' ? participants : []),
    descriptionNode(accounts, group, addressing),
    group.announce ? node('announcement') : undefined,
    group.locked ? node('locked') : undefined,
    group.ephemeralSeconds > 0 ? node('ephemeral', { expiration: String(group.ephemeralSeconds) }) : undefined,
    node('member_add_mode', {}, Buffer.from(group.memberAddMode)),
    group.joinApproval ? node('membership_approval_mode', {}, [node('group_join', { state: 'on' })]) : undefined,
  ]
  return node('group', {
    id: group.id,
    subject: group.subject,
    s_o: subjectOwner.jid,
    s_o_pn: subjectOwner.pn,
    s_t: String(group.subjectAt),
    creation: String(group.createdAt),
    creator: creator.jid,
    creator_pn: creator.pn,
    addressing_mode: addressing,
    size: String(group.members.size),
  }, parts.filter((part) => part !== undefined))
}
