import { setImmediate as breathe } from 'node:timers/promises'
import type { BaileysEventMap } from '@whiskeysockets/baileys'
import type { MessageType } from '../../../schemas/message.ts'
import type { DomainEvent } from '../../events/domain.ts'
import { isLid } from '../../jid.ts'
import type { ChatRow, ContactRow, GroupRow, Store } from '../../store/store.ts'
import type { InboundContext } from './context.ts'
import { directoryOf, keyText, type Directory, type Needs, type Own, type People } from './directory.ts'
import { historySlices, type History } from './history.ts'
import { toDomainEvents, type BaileysEventName } from './index.ts'
import { convertAsking, needsOf, type Asked } from './needs.ts'

/** A second look asks for what only the answers to the first could name, such as the chat of a LID. */
const ROUNDS = 2

interface Found {
  readonly contacts: Map<string, ContactRow>
  readonly groups: Map<string, GroupRow>
  readonly chats: Map<string, ChatRow>
  readonly senders: Map<string, string>
  readonly types: Map<string, MessageType>
}

/** What one event tells, converted with all that it asks; it is converted only once where that is at hand. */
export async function convertKnown<E extends BaileysEventName>(store: Store, sessionId: string, name: E, payload: BaileysEventMap[E], { own, ...moment }: Moment): Promise<DomainEvent[]> {
  const looking = startLooking(store, sessionId, own)
  const context: InboundContext = { ...moment, directory: looking.directory, encode: true }
  const events = await looking.lookFor(() => convertAsking(name, payload, context))
  return events ?? toDomainEvents(name, payload, context)
}

/** When and for whom an event is converted. */
type Moment = Pick<InboundContext, 'nowMs' | 'sentHere'> & { readonly own: Own }

/** The directory for one event: all that its conversion asks, read from the store. */
export async function lookUp<E extends BaileysEventName>(store: Store, sessionId: string, own: Own, name: E, payload: BaileysEventMap[E]): Promise<Directory> {
  const looking = startLooking(store, sessionId, own)
  await looking.lookFor(() => ({ events: [], needs: needsOf(name, payload, looking.directory) }))
  return looking.directory
}

/**
 * The directory for a whole history, looked up piece by piece so that others run in between. All of it is read before any of it is
 * written: a look-up between two pieces would wait for the disk.
 */
export async function lookUpHistory(store: Store, sessionId: string, own: Own, history: History): Promise<Directory> {
  const looking = startLooking(store, sessionId, own)
  for (const slice of historySlices(history)) {
    await looking.lookFor(() => ({ events: [], needs: needsOf('messaging-history.set', slice, looking.directory) }))
    await breathe()
  }
  return looking.directory
}

function startLooking(store: Store, sessionId: string, own: Own) {
  const found: Found = { contacts: new Map(), groups: new Map(), chats: new Map(), senders: new Map(), types: new Map() }
  const asked = new Set<string>()
  const contacts: People = {
    get(id) {
      const contact = found.contacts.get(id)
      if (contact !== undefined || asked.has(`contact ${id}`)) return contact
      const atHand = store.contacts.atHand(sessionId, id)
      if (atHand === undefined) return undefined
      asked.add(`contact ${id}`)
      if (atHand !== null) found.contacts.set(id, atHand)
      return atHand ?? undefined
    },
  }
  return {
    directory: directoryOf(own, { ...found, contacts }),
    /** Loads what is asked for. Answers with the events where they were converted with all of it, else null: the directory knows more now. */
    async lookFor(convert: () => Asked): Promise<DomainEvent[] | null> {
      for (let round = 0; round < ROUNDS; round += 1) {
        const { events, needs } = convert()
        const fresh = unasked(needs, asked)
        if (isEmpty(fresh) || !(await load(store, sessionId, fresh, found))) return events
        // Only a LID that has got its phone makes other questions.
        if (![...fresh.contacts].some((id) => isLid(id) && found.contacts.get(id)?.phone)) break
      }
      return null
    },
  }
}

/** False when nothing of it is stored. */
async function load(store: Store, sessionId: string, needs: Needs, found: Found): Promise<boolean> {
  const before = sizeOf(found)
  if (needs.contacts.size > 0) {
    for (const [id, contact] of await store.contacts.get(sessionId, [...needs.contacts])) found.contacts.set(id, contact)
  }
  for (const id of needs.groups) put(found.groups, id, await store.groups.get(sessionId, id))
  for (const id of needs.chats) put(found.chats, id, await store.chats.get(sessionId, id))
  for (const { chatId, id } of needs.messages) put(found.senders, `${chatId} ${id}`, (await store.messages.get(sessionId, chatId, id))?.sender ?? null)
  for (const key of needs.keys) put(found.types, keyText(key), (await store.messages.find(sessionId, key))?.type ?? null)
  return sizeOf(found) > before
}

const sizeOf = ({ contacts, groups, chats, senders, types }: Found): number => contacts.size + groups.size + chats.size + senders.size + types.size

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
