import { makeBell, mayTell } from './bell.ts'
import { storeClosed } from './faults.ts'
import { memoryPage } from './memory-page.ts'
import { MemorySession, type StoredMessage } from './memory-session.ts'
import { memoryWebhooks } from './memory-webhooks.ts'
import type { AuthReader, Change, ChatReader, ContactReader, ContactRow, DeviceReader, EventReader, EventRow, GroupReader, JournalReader, MessageReader, MessageRow, MessageView, OutboxReader, PlacedEventRow, SessionReader, SessionRow, Store } from './store.ts'
import { isWebhookChange } from './webhooks.ts'

/** A store that forgets all when the process ends: for unit tests, and the model of what every other store does. */
export function openMemory(): Store {
  return new MemoryStore()
}

class MemoryStore implements Store {
  readonly #sessions = new Map<string, MemorySession>()
  readonly #bell = makeBell()
  #numbers = 0
  #closed = false

  readonly sessions: SessionReader = {
    get: async (id) => this.#read(id).row,
    page: async (request) => memoryPage('sessions', this.#rows(), ({ createdAt, id }) => [createdAt, id], request),
    resumable: async () => this.#rows().filter(({ wanted, linked }) => wanted && linked),
  }

  readonly auth: AuthReader = {
    get: async (sessionId, type, ids) => {
      const values = this.#read(sessionId).auth.get(type)
      return new Map(ids.flatMap((id) => (values?.has(id) ? [[id, values.get(id) ?? '']] : [])))
    },
    highest: async (sessionId, type) => {
      const ids = [...(this.#read(sessionId).auth.get(type)?.keys() ?? [])].filter((id) => /^\d+$/.test(id)).map(Number)
      return ids.length === 0 ? null : Math.max(...ids)
    },
  }

  readonly chats: ChatReader = {
    get: async (sessionId, id) => this.#read(sessionId).chats.get(id) ?? null,
    known: async (sessionId, id) => this.#read(sessionId).chats.get(id) ?? null,
    page: async (sessionId, request) => memoryPage('chats', this.#read(sessionId).chats.values(), ({ conversationTimestamp, id }) => [conversationTimestamp, id], request),
    count: async (sessionId) => this.#read(sessionId).chats.size,
  }

  readonly contacts: ContactReader = {
    get: async (sessionId, ids) => {
      const session = this.#read(sessionId)
      const found = new Map<string, ContactRow>()
      for (const id of ids) {
        const contact = session.contact(id)
        if (contact !== null) found.set(id, contact)
      }
      return found
    },
    atHand: (sessionId, id) => this.#read(sessionId).contact(id),
  }

  readonly messages: MessageReader = {
    get: async (sessionId, chatId, id) => first(this.#messages(sessionId, (row) => row.chatId === chatId && row.id === id), byPlace),
    find: async (sessionId, key) => this.#read(sessionId).find(key)?.row ?? null,
    own: async (sessionId, id) => {
      const row = first(this.#messages(sessionId, (message) => message.id === id && message.sender === ''), byPlace)
      return row === null ? null : viewOf(row)
    },
    page: async (sessionId, chatId, request) => {
      const { rows, next } = memoryPage('messages', this.#messages(sessionId, (row) => row.chatId === chatId), ({ place, row }) => [row.timestamp, place], request)
      return { rows: rows.map(({ row }) => viewOf(row)), next }
    },
    oldest: async (sessionId, chatId) => first(this.#messages(sessionId, (row) => row.chatId === chatId && row.raw !== null), byAge),
    newest: async (sessionId, chatId) => first(this.#messages(sessionId, (row) => row.chatId === chatId && row.raw !== null), (one, other) => byAge(other, one)),
  }

  readonly groups: GroupReader = {
    get: async (sessionId, id) => this.#read(sessionId).groups.get(id) ?? null,
  }

  readonly outbox: OutboxReader = {
    pending: async (sessionId, after, limit) => [...this.#read(sessionId).outbox.values()].filter(({ position }) => position > after).toSorted((one, other) => one.position - other.position).slice(0, limit),
    count: async (sessionId) => this.#read(sessionId).outbox.size,
  }

  readonly journal: JournalReader = {
    get: async (sessionId, hash) => this.#read(sessionId).journal.get(hash) ?? null,
    open: async (sessionId) => [...this.#read(sessionId).journal.values()].filter(({ open }) => open !== null),
    oldest: async (sessionId) => {
      const times = [...this.#read(sessionId).journal.values()].map(({ at }) => at)
      return times.length === 0 ? null : Math.min(...times)
    },
  }

  readonly devices: DeviceReader = {
    get: async (sessionId, users) => {
      const { devices } = this.#read(sessionId)
      return new Map(users.flatMap((user) => {
        const list = devices.get(user)
        return list === undefined ? [] : [[user, list]]
      }))
    },
    excess: async (sessionId, before, keep) => this.#read(sessionId).excessDevices(before, keep),
  }

  readonly events: EventReader = {
    after: async (sessionId, seq, limit) => this.#after(sessionId, seq, limit),
    durableAfter: async (sessionId, seq, limit) => this.#after(sessionId, seq, limit),
    bounds: async (sessionId) => {
      const { events, head } = this.#read(sessionId)
      return { first: events[0]?.seq ?? 0, last: head }
    },
    heads: async () => {
      this.#assertOpen()
      return new Map([...this.#sessions].flatMap(([id, { head }]) => (head > 0 ? [[id, head]] : [])))
    },
    everywhere: async (place, limit) => this.#everywhere(place, limit),
    durableEverywhere: async (place, limit) => this.#everywhere(place, limit),
    everywhereBounds: async () => ({ last: this.#placed().at(-1)?.place ?? 0, removed: this.#removed() }),
  }

  readonly webhooks = memoryWebhooks(() => this.#nextNumber(), () => this.#assertOpen())

  async commit(sessionId: string, changes: readonly Change[]): Promise<void> {
    this.#assertOpen()
    for (const change of changes) {
      if (change.kind === 'session.delete') this.#forget(sessionId)
      else if (isWebhookChange(change)) this.webhooks.apply(sessionId, change)
      else this.#write(sessionId).apply(change)
    }
    if (mayTell(changes)) queueMicrotask(() => this.#bell.ring(sessionId))
  }

  onTold(sessionId: string | null, listener: (sessionId: string) => void): () => void {
    return this.#bell.on(sessionId, listener)
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  /** All but the log, which outlives the session. */
  #forget(sessionId: string): void {
    const { events, head, removed } = this.#read(sessionId)
    this.#sessions.delete(sessionId)
    if (head > 0) Object.assign(this.#write(sessionId), { events, head, removed })
  }

  /** The entries of all sessions in the order of writing. */
  #placed(): PlacedEventRow[] {
    this.#assertOpen()
    return [...this.#sessions].flatMap(([sessionId, { events }]) => events.map((event) => ({ ...event, sessionId }))).toSorted((one, other) => one.place - other.place)
  }

  #after(sessionId: string, seq: number, limit: number): EventRow[] {
    return this.#read(sessionId).events.filter((event) => event.seq > seq).slice(0, limit).map(withoutPlace)
  }

  #everywhere(place: number, limit: number): { rows: PlacedEventRow[]; removed: number } {
    return { rows: this.#placed().filter((event) => event.place > place).slice(0, limit), removed: this.#removed() }
  }

  #removed(): number {
    return Math.max(0, ...[...this.#sessions.values()].map(({ removed }) => removed))
  }

  #assertOpen(): void {
    if (this.#closed) throw storeClosed()
  }

  #nextNumber = (): number => ++this.#numbers

  #read(sessionId: string): MemorySession {
    this.#assertOpen()
    return this.#sessions.get(sessionId) ?? new MemorySession(this.#nextNumber)
  }

  #write(sessionId: string): MemorySession {
    const session = this.#read(sessionId)
    this.#sessions.set(sessionId, session)
    return session
  }

  #rows(): SessionRow[] {
    this.#assertOpen()
    return [...this.#sessions.values()].flatMap(({ row }) => (row === null ? [] : [row]))
  }

  #messages(sessionId: string, wanted: (row: MessageRow) => boolean): StoredMessage[] {
    return [...this.#read(sessionId).messages.values()].filter(({ row }) => wanted(row))
  }
}

const byPlace = (one: StoredMessage, other: StoredMessage): number => one.place - other.place
const byAge = (one: StoredMessage, other: StoredMessage): number => one.row.timestamp - other.row.timestamp || byPlace(one, other)
const first = (messages: readonly StoredMessage[], order: (one: StoredMessage, other: StoredMessage) => number): MessageRow | null => messages.toSorted(order)[0]?.row ?? null

function withoutPlace(event: EventRow & { readonly place: number }): EventRow {
  const { place: _, ...row } = event
  return row
}

function viewOf(message: MessageRow): MessageView {
  const { raw: _, ...view } = message
  return view
}
