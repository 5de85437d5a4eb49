import type { BaileysEventMap } from '@whiskeysockets/baileys'
import type { ChatRow, ContactRow, GroupRow, Store } from '../../store/store.ts'
import { directoryOf, type Directory, type Needs, type Own } from './directory.ts'
import type { BaileysEventName } from './index.ts'
import { needsOf } from './needs.ts'

/** A second look asks for what only the answers to the first could name. */
const ROUNDS = 2

/** The directory for one event: all that its conversion asks, read from the store. */
export async function lookUp<E extends BaileysEventName>(store: Store, sessionId: string, own: Own, name: E, payload: BaileysEventMap[E]): Promise<Directory> {
  const loaded = { contacts: new Map<string, ContactRow>(), groups: new Map<string, GroupRow>(), chats: new Map<string, ChatRow>(), senders: new Map<string, string>() }
  const directory = directoryOf(own, loaded)
  const asked = new Set<string>()
  for (let round = 0; round < ROUNDS; round += 1) {
    const needs = unasked(needsOf(name, payload, directory), asked)
    if (needs.contacts.size + needs.groups.size + needs.chats.size + needs.messages.length === 0) break
    if (needs.contacts.size > 0) {
      for (const [id, contact] of await store.contacts.get(sessionId, [...needs.contacts])) loaded.contacts.set(id, contact)
    }
    for (const id of needs.groups) put(loaded.groups, id, await store.groups.get(sessionId, id))
    for (const id of needs.chats) put(loaded.chats, id, await store.chats.get(sessionId, id))
    for (const { chatId, id } of needs.messages) put(loaded.senders, `${chatId} ${id}`, (await store.messages.get(sessionId, chatId, id))?.sender ?? null)
  }
  return directory
}

/** What was not asked for before. */
function unasked(needs: Needs, asked: Set<string>): Needs {
  const fresh = (kind: string, id: string): boolean => {
    const name = `${kind} ${id}`
    if (asked.has(name)) return false
    asked.add(name)
    return true
  }
  return {
    contacts: new Set([...needs.contacts].filter((id) => fresh('contact', id))),
    groups: new Set([...needs.groups].filter((id) => fresh('group', id))),
    chats: new Set([...needs.chats].filter((id) => fresh('chat', id))),
    messages: needs.messages.filter(({ chatId, id }) => fresh('message', `${chatId} ${id}`)),
  }
}

function put<V>(map: Map<string, V>, id: string, value: V | null): void {
  if (value !== null) map.set(id, value)
}
