import { lidJid, phoneJid } from '../jid.ts'
import type { Pending, PendingCommit } from './pending.ts'
import { peopleIn } from './rules/messages.ts'
import type { AuthReader, ChatReader, ContactReader, ContactRow, DeviceReader, EventReader, GroupReader, JournalReader, MessageReader, MessageView, OutboxReader, SessionReader } from './store.ts'
import { key } from './touched.ts'
import { GATEWAY, type WebhookReader } from './webhooks.ts'

/** An answer, at once or later, as the backend has it. */
export type Answered<Answer> = Answer | Promise<Answer>

/** What a backend itself answers to the questions of a reader: what is durable. */
export type Asked<Reader> = { readonly [Name in keyof Reader]: Reader[Name] extends (...args: infer Args) => Promise<infer Answer> ? (...args: Args) => Answered<Answer> : Reader[Name] }

/** How the readers read: never past what was enqueued before, and never taking an error for "absent". */
export interface Reading {
  readonly pending: Pending
  /** Asks the backend at once. */
  now<Answer>(ask: () => Answer): Answer
  /** Asks once this commit, if there is one, is durable. */
  after<Answer>(commit: PendingCommit | null, ask: () => Answered<Answer>): Promise<Answer>
  /**
   * Asks once what touches these keys is durable. `namedIn` gives the keys of what the answer itself names: where a commit touches one of those,
   * the answer may be about to change, so it is asked for again after all that the session had enqueued.
   */
  point<Answer>(sessionId: string, keys: readonly string[], ask: () => Answered<Answer>, namedIn?: (answer: Answer) => readonly string[]): Promise<Answer>
}

/** The reads over what is enqueued. `now` asks the backend and makes its errors ours. */
export function readingOver(pending: Pending, now: Reading['now']): Reading {
  return {
    pending,
    now,
    async after(commit, ask) {
      await commit?.settled()
      return now(ask)
    },
    async point(sessionId, keys, ask, namedIn) {
      const last = pending.last(sessionId)
      if (last === null) return now(ask)
      await pending.touching(sessionId, keys)?.settled()
      const answer = await now(ask)
      if (namedIn === undefined || pending.touching(sessionId, namedIn(answer)) === null) return answer
      await last.settled()
      return now(ask)
    },
  }
}

/** Lists of sessions; one by its id is for the backend, which may have it at hand. */
export const sessionLists = (stored: Asked<Pick<SessionReader, 'page' | 'resumable'>>, read: Reading): Pick<SessionReader, 'page' | 'resumable'> => ({
  page: (request) => read.after(read.pending.lastOfSessions(), () => stored.page(request)),
  resumable: () => read.after(read.pending.lastOfSessions(), () => stored.resumable()),
})

/** The highest of the keys of a type. */
export const highestKey = (stored: Asked<Pick<AuthReader, 'highest'>>, read: Reading): Pick<AuthReader, 'highest'> => ({
  highest: (sessionId, type) => read.after(read.pending.last(sessionId), () => stored.highest(sessionId, type)),
})

/** Chats. */
export const chatReader = (stored: Asked<Omit<ChatReader, 'known'>>, read: Reading): ChatReader => ({
  get: (sessionId, id) => read.point(sessionId, [key.chat(id), key.touch(id)], () => stored.get(sessionId, id)),
  known: async (sessionId, id) => {
    const ask = (): ReturnType<typeof stored.get> => stored.get(sessionId, id)
    return (await read.point(sessionId, [key.chat(id)], ask)) ?? read.point(sessionId, [key.chat(id), key.touch(id)], ask)
  },
  page: (sessionId, request) => read.after(read.pending.last(sessionId), () => stored.page(sessionId, request)),
  count: (sessionId) => read.after(read.pending.last(sessionId), () => stored.count(sessionId)),
})

const contactKeys = (found: ReadonlyMap<string, ContactRow>): string[] =>
  [...found.values()].flatMap(({ phone, lid }) => [...(phone === null ? [] : [key.contact(phoneJid(phone))]), ...(lid === null ? [] : [key.contact(lidJid(lid))])])

/** Contacts: a row may also be waiting to change under its other id. */
export const contactReader = (stored: Asked<Pick<ContactReader, 'get'>>, read: Reading): Pick<ContactReader, 'get'> => ({
  get: (sessionId, ids) => read.point(sessionId, ids.map(key.contact), () => stored.get(sessionId, ids), contactKeys),
})

const messageKeys = (message: MessageView | null): string[] => (message === null ? [] : [message.chatId, ...peopleIn(message)].map(key.jid))

/** Messages: one may also be waiting for a person in it, or its chat, to move. */
export const messageReader = (stored: Asked<MessageReader>, read: Reading): MessageReader => ({
  get: (sessionId, chatId, id) => read.point(sessionId, [key.message(id), key.jid(chatId)], () => stored.get(sessionId, chatId, id), messageKeys),
  find: (sessionId, at) => read.point(sessionId, [key.message(at.id), key.jid(at.chatId), key.jid(at.sender)], () => stored.find(sessionId, at), messageKeys),
  own: (sessionId, id) => read.point(sessionId, [key.message(id)], () => stored.own(sessionId, id), messageKeys),
  page: (sessionId, chatId, request) => read.after(read.pending.last(sessionId), () => stored.page(sessionId, chatId, request)),
  oldest: (sessionId, chatId) => read.after(read.pending.last(sessionId), () => stored.oldest(sessionId, chatId)),
  newest: (sessionId, chatId) => read.after(read.pending.last(sessionId), () => stored.newest(sessionId, chatId)),
})

/** Groups. */
export const groupReader = (stored: Asked<GroupReader>, read: Reading): GroupReader => ({
  get: (sessionId, id) => read.point(sessionId, [key.group(id)], () => stored.get(sessionId, id)),
})

/** Accepted sends. A move of a chat touches them too. */
export const outboxReader = (stored: Asked<OutboxReader>, read: Reading): OutboxReader => ({
  pending: (sessionId, after, limit) =>
    read.point(sessionId, [key.outbox], () => stored.pending(sessionId, after, limit), (rows) => rows.map(({ chatId }) => key.jid(chatId))),
  count: (sessionId) => read.point(sessionId, [key.outbox], () => stored.count(sessionId)),
})

/** Lists of decrypted ciphertexts. */
export const journalLists = (stored: Asked<Pick<JournalReader, 'open' | 'oldest'>>, read: Reading): Pick<JournalReader, 'open' | 'oldest'> => ({
  open: (sessionId) => read.after(read.pending.last(sessionId), () => stored.open(sessionId)),
  oldest: (sessionId) => read.after(read.pending.last(sessionId), () => stored.oldest(sessionId)),
})

/** Device lists. */
export const deviceReader = (stored: Asked<DeviceReader>, read: Reading): DeviceReader => ({
  get: (sessionId, users) => read.point(sessionId, [key.allDevices, ...users.map(key.devices)], () => stored.get(sessionId, users)),
  excess: (sessionId, before, keep) => read.after(read.pending.last(sessionId), () => stored.excess(sessionId, before, keep)),
})

/** The log. */
export const eventReader = (stored: Asked<Omit<EventReader, 'durableAfter' | 'durableEverywhere'>>, read: Reading): EventReader => ({
  after: (sessionId, seq, limit) => read.after(read.pending.last(sessionId), () => stored.after(sessionId, seq, limit)),
  bounds: (sessionId) => read.after(read.pending.last(sessionId), () => stored.bounds(sessionId)),
  heads: () => read.after(read.pending.newest(), () => stored.heads()),
  everywhere: (place, limit) => read.after(read.pending.newest(), () => stored.everywhere(place, limit)),
  durableAfter: async (sessionId, seq, limit) => read.now(() => stored.after(sessionId, seq, limit)),
  durableEverywhere: async (place, limit) => read.now(() => stored.everywhere(place, limit)),
  everywhereBounds: () => read.after(read.pending.newest(), () => stored.everywhereBounds()),
})

/** Webhooks. Lists across sessions wait for whatever is on its way. */
export const webhookReader = (stored: Asked<WebhookReader>, read: Reading): WebhookReader => ({
  get: (id) => read.after(read.pending.last(GATEWAY), () => stored.get(id)),
  page: (request) => read.after(read.pending.last(GATEWAY), () => stored.page(request)),
  cursors: () => read.after(read.pending.newest(), () => stored.cursors()),
  cursor: (sessionId, webhookId) => read.after(read.pending.last(sessionId), () => stored.cursor(sessionId, webhookId)),
  recorded: (sessionId, webhookId, after, upTo) => read.after(read.pending.last(sessionId), () => stored.recorded(sessionId, webhookId, after, upTo)),
  waiting: (sessionId, webhookId, limit) => read.after(read.pending.last(sessionId), () => stored.waiting(sessionId, webhookId, limit)),
  deliveries: (webhookId, state, request) => read.after(read.pending.newest(), () => stored.deliveries(webhookId, state, request)),
})
