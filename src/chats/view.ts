import type { Chat } from '../../schemas/chat.ts'
import { isOwn, peopleOf, type People } from '../contacts/people.ts'
import { Problem } from '../errors.ts'
import { isGroup } from '../jid.ts'
import type { ChatRow, GroupRow, Page, PageRequest, SessionRow, Store } from '../store/store.ts'

/** A page of chats, newest first; members of groups are left out. */
export async function chatPage(store: Store, session: SessionRow, request: PageRequest): Promise<Page<Chat>> {
  const { rows, next } = await store.chats.page(session.id, request)
  const people = await peopleOf(store, session, rows.filter(({ id }) => !isGroup(id)).map(({ id }) => id))
  const groups = await Promise.all(rows.map(async ({ id }) => (isGroup(id) ? store.groups.get(session.id, id) : null)))
  return { rows: rows.map((row, place) => toChat(row, session, people, groups[place] ?? null, null)), next }
}

/** One chat with the members of a group, or the CHAT_NOT_FOUND problem. */
export async function getChat(store: Store, session: SessionRow, id: string): Promise<Chat> {
  const row = await requireChat(store, session, id)
  const group = isGroup(id) ? await store.groups.get(session.id, id) : null
  const members = group?.participants.map((participant) => participant.id) ?? null
  const people = await peopleOf(store, session, members ?? [id])
  return toChat(row, session, people, group, members)
}

/** The stored chat, or the CHAT_NOT_FOUND problem. */
export async function requireChat(store: Store, session: SessionRow, id: string): Promise<ChatRow> {
  const row = await store.chats.get(session.id, id)
  if (!row) throw new Problem('CHAT_NOT_FOUND', `Session '${session.id}' has no chat '${id}'.`)
  return row
}

const toChat = (row: ChatRow, session: SessionRow, people: People, group: GroupRow | null, members: readonly string[] | null): Chat => ({
  id: row.id,
  name: group?.subject ?? (isGroup(row.id) ? row.name : (people(row.id).name ?? row.name)),
  isGroup: isGroup(row.id),
  isMe: isOwn(session.user, row.id),
  unreadCount: row.unreadCount,
  conversationTimestamp: row.conversationTimestamp,
  participant: members?.map(people) ?? null,
  ephemeralExpiration: row.ephemeralExpiration,
  ephemeralSettingTimestamp: row.ephemeralSettingTimestamp,
  mute: row.mute,
  pin: row.pin,
  archived: row.archived,
  labels: [...row.labels],
})
