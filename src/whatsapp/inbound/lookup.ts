import { setImmediate as breathe } from 'node:timers/promises'
import type { BaileysEventMap } from '@whiskeysockets/baileys'
import type { MessageType } from '../../../schemas/message.ts'
import { isLid } from '../../jid.ts'
import type { ChatRow, ContactRow, GroupRow, Store } from '../../store/store.ts'
import { directoryOf, keyText, type Directory, type Needs, type Own } from './directory.ts'
import { historySlices, type History } from './history.ts'
import type { BaileysEventName } from './index.ts'
import { needsOf } from './needs.ts'

/** A second look asks for what only the answers to the first could name, such as the chat of a LID. */
const ROUNDS = 2

interface Found {
  readonly contacts: Map<string, ContactRow>
  readonly groups: Map<string, GroupRow>
  readonly chats: Map<string, ChatRow>
  readonly senders: Map<string, string>
  readonly types: Map<string, MessageType>
}

/** The directory for one event: all that its conversion asks, read from the store. */
export async function lookUp<E extends BaileysEventName>(store: Store, sessionId: string, own: Own, name: E, payload: BaileysEventMap[E]): Promise<Directory> {
  const looking = startLooking(store, sessionId, own)
  await looking.lookFor(name, payload)
  return looking.directory
}

/**
 * The directory for a whole history, looked up piece by piece so that others run in between. All of it is read before any of it is
 * written: a look-up between two pieces would wait for the disk.
 */
export async function lookUpHistory(store: Store, sessionId: string, own: Own, history: History): Promise<Directory> {
  const looking = startLooking(store, sessionId, own)
  for (const slice of historySlices(history)) {
    await looking.lookFor('messaging-history.set', slice)
    await breathe()
  }
  return looking.directory
}

function startLooking(store: Store, sessionId: string, own: Own) {
  const found: Found = { contacts: new Map(), groups: new Map(), chats: new Map(), senders: new Map(), types: new Map() }
  const directory = directoryOf(own, found)
  const asked = new Set<string>()
  return {
    directory,
    async lookFor<E extends BaileysEventName>(name: E, payload: BaileysEventMap[E]): Promise<void> {
      for (let round = 0; round < ROUNDS; round += 1) {
        const needs = unasked(needsOf(name, payload, directory), asked)
        if (isEmpty(needs)) break
        await load(store, sessionId, needs, found)
        // Only a LID that has got its phone makes other questions.
        if (![...needs.contacts].some((id) => isLid(id) && found.contacts.get(id)?.phone)) break
      }
    },
  }
}

async function load(store: Store, sessionId: string, needs: Needs, found: Found): Promise<void> {
  if (needs.contacts.size > 0) {
    for (const [id, contact] of await store.contacts.get(sessionId, [...needs.contacts])) found.contacts.set(id, contact)
  }
  for (const id of needs.groups) put(found.groups, id, await store.groups.get(sessionId, id))
  for (const id of needs.chats) put(found.chats, id, await store.chats.get(sessionId, id))
  for (const { chatId, id } of needs.messages) put(found.senders, `${chatId} ${id}`, (await store.messages.get(sessionId, chatId, id))?.sender ?? null)
  for (const key of needs.keys) put(found.types, keyText(key), (await store.messages.find(sessionId, key))?.type ?? null)
}

const isEmpty = ({ contacts, groups, chats, messages, keys }: Needs): boolean => contacts.size + groups.size + chats.size + messages.length + keys.length === 0

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
    keys: needs.keys.filter((key) => fresh('key', keyText(key))),
  }
}

function put<V>(map: Map<string, V>, id: string, value: V | null): void {
  if (value !== null) map.set(id, value)
}
