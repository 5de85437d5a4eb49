import type { ChatRow, GroupRow, Store } from '../store/store.ts'
import { directoryOf, type Directory, type Needs, type Own } from './inbound/directory.ts'

/** Loads from the store what an event needs to be converted. */
export async function loadDirectory(store: Store, sessionId: string, own: Own, needs: Needs): Promise<Directory> {
  const [contacts, groups, chats, senders] = await Promise.all([
    needs.contacts.size === 0 ? undefined : store.contacts.get(sessionId, [...needs.contacts]),
    loadAll(needs.groups, (id): Promise<GroupRow | null> => store.groups.get(sessionId, id)),
    loadAll(needs.chats, (id): Promise<ChatRow | null> => store.chats.get(sessionId, id)),
    loadSenders(store, sessionId, needs.messages),
  ])
  return directoryOf(own, { ...(contacts && { contacts }), groups, chats, senders })
}

async function loadAll<Row>(ids: ReadonlySet<string>, get: (id: string) => Promise<Row | null>): Promise<ReadonlyMap<string, Row>> {
  const rows = new Map<string, Row>()
  for (const id of ids) {
    const row = await get(id)
    if (row !== null) rows.set(id, row)
  }
  return rows
}

async function loadSenders(store: Store, sessionId: string, messages: Needs['messages']): Promise<ReadonlyMap<string, string>> {
  const senders = new Map<string, string>()
  for (const { chatId, id } of messages) {
    const message = await store.messages.get(sessionId, chatId, id)
    if (message) senders.set(`${chatId} ${id}`, message.sender)
  }
  return senders
}
