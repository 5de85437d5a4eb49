import { lidJid, phoneJid } from '../../jid.ts'
import { peopleIn } from '../rules/messages.ts'
import type { AuthReader, ChatReader, ChatRow, ContactReader, ContactRow, DeviceListRow, DeviceReader, EventReader, GroupReader, JournalReader, MessageReader, MessageView, OutboxReader, SessionReader, SessionRow } from '../store.ts'
import { GATEWAY, type WebhookReader } from '../webhooks.ts'
import { authQueries } from './auth.ts'
import { chatQueries } from './chats.ts'
import type { Connection } from './connection.ts'
import { contactsAtHand } from './contacts-at-hand.ts'
import { contactQueries } from './contacts.ts'
import { deviceQueries } from './devices.ts'
import { eventQueries } from './events.ts'
import { groupQueries } from './groups.ts'
import { journalIndex } from './journal-index.ts'
import { journalQueries } from './journal.ts'
import { messageQueries } from './messages.ts'
import { outboxQueries } from './outbox.ts'
import type { Reading } from './reading.ts'
import { sessionQueries } from './sessions.ts'
import { key } from './touched.ts'
import { webhookQueries } from './webhooks.ts'

/** Sessions: one by its id is known before it is durable, and at hand after, since every request asks for its own. */
export function sessionReader(db: Connection, read: Reading): SessionReader {
  const stored = sessionQueries(db)
  const kept = new Map<string, { readonly row: SessionRow; readonly step: number }>()
  const one = (id: string): SessionRow | null => {
    const step = read.pending.sessionStep(id)
    const known = kept.get(id)
    if (known?.step === step) return known.row
    const row = stored.get(id)
    if (row === null) kept.delete(id)
    else kept.set(id, { row, step })
    return row
  }
  return {
    get: async (id) => {
      const row = read.pending.sessionRow(id)
      return read.now(() => (row === undefined ? one(id) : row))
    },
    page: (request) => read.after(read.pending.lastOfSessions(), () => stored.page(request)),
    resumable: () => read.after(read.pending.lastOfSessions(), () => stored.resumable()),
  }
}

/** Keys: known before they are durable, so that no encryption waits for the disk. */
export function authReader(db: Connection, read: Reading): AuthReader {
  const stored = authQueries(db)
  return {
    get: async (sessionId, type, ids) =>
      read.now(() => {
        const values = new Map<string, string>()
        for (const id of ids) {
          const enqueued = read.pending.authValue(sessionId, type, id)
          const value = enqueued === undefined ? stored.get(sessionId, type, id) : enqueued
          if (value !== null) values.set(id, value)
        }
        return values
      }),
    highest: (sessionId, type) => read.after(read.pending.last(sessionId), () => stored.highest(sessionId, type)),
  }
}

/** Chats. */
export function chatReader(db: Connection, read: Reading): ChatReader {
  const stored = chatQueries(db)
  return {
    get: (sessionId, id) => read.point(sessionId, [key.chat(id), key.touch(id)], () => stored.get(sessionId, id)),
    known: async (sessionId, id) => {
      const ask = (): ChatRow | null => stored.get(sessionId, id)
      return (await read.point(sessionId, [key.chat(id)], ask)) ?? read.point(sessionId, [key.chat(id), key.touch(id)], ask)
    },
    page: (sessionId, request) => read.after(read.pending.last(sessionId), () => stored.page(sessionId, request)),
    count: (sessionId) => read.after(read.pending.last(sessionId), () => stored.count(sessionId)),
  }
}

/** Contacts: a row may also be waiting to change under its other id. */
export function contactReader(db: Connection, read: Reading): ContactReader {
  const stored = contactQueries(db)
  const namesOf = (found: ReadonlyMap<string, ContactRow>): string[] =>
    [...found.values()].flatMap(({ phone, lid }) => [...(phone === null ? [] : [key.contact(phoneJid(phone))]), ...(lid === null ? [] : [key.contact(lidJid(lid))])])
  const kept = contactsAtHand(read.pending)
  const one = (sessionId: string, id: string): ContactRow | null => {
    const known = kept.get(sessionId, id)
    if (known !== undefined) return known
    const contact = stored.get(sessionId, id)
    kept.keep(sessionId, id, contact)
    return contact
  }
  return {
    get: (sessionId, ids) => {
      const ask = (): Map<string, ContactRow> => {
        const found = new Map<string, ContactRow>()
        for (const id of ids) {
          const contact = one(sessionId, id)
          if (contact !== null) found.set(id, contact)
        }
        return found
      }
      return read.point(sessionId, ids.map(key.contact), ask, namesOf)
    },
    atHand: (sessionId, id) => read.now(() => kept.get(sessionId, id)),
  }
}

/** Messages: one may also be waiting for a person in it, or its chat, to move. */
export function messageReader(db: Connection, read: Reading): MessageReader {
  const stored = messageQueries(db)
  const namesOf = (message: MessageView | null): string[] => (message === null ? [] : [message.chatId, ...peopleIn(message)].map(key.jid))
  return {
    get: (sessionId, chatId, id) => read.point(sessionId, [key.message(id), key.jid(chatId)], () => stored.get(sessionId, chatId, id), namesOf),
    find: (sessionId, at) => read.point(sessionId, [key.message(at.id), key.jid(at.chatId), key.jid(at.sender)], () => stored.find(sessionId, at), namesOf),
    own: (sessionId, id) => read.point(sessionId, [key.message(id)], () => stored.own(sessionId, id), namesOf),
    page: (sessionId, chatId, request) => read.after(read.pending.last(sessionId), () => stored.page(sessionId, chatId, request)),
    oldest: (sessionId, chatId) => read.after(read.pending.last(sessionId), () => stored.oldest(sessionId, chatId)),
    newest: (sessionId, chatId) => read.after(read.pending.last(sessionId), () => stored.newest(sessionId, chatId)),
  }
}

/** Groups. */
export function groupReader(db: Connection, read: Reading): GroupReader {
  const stored = groupQueries(db)
  return { get: (sessionId, id) => read.point(sessionId, [key.group(id)], () => stored.get(sessionId, id)) }
}

/** Accepted sends. A move of a chat touches them too. */
export function outboxReader(db: Connection, read: Reading): OutboxReader {
  const stored = outboxQueries(db)
  return {
    pending: (sessionId, after, limit) =>
      read.point(sessionId, [key.outbox], () => stored.pending(sessionId, after, limit), (rows) => rows.map(({ chatId }) => key.jid(chatId))),
    count: (sessionId) => read.point(sessionId, [key.outbox], () => stored.count(sessionId)),
  }
}

/** Decrypted ciphertexts. */
export function journalReader(db: Connection, read: Reading): JournalReader {
  const stored = journalQueries(db)
  const index = journalIndex(read.pending)
  return {
    async get(sessionId, hash) {
      const mayHold = read.now(() => index.mayHold(sessionId, hash, (limit) => stored.hashes(sessionId, limit)))
      return mayHold ? read.point(sessionId, [key.journal(hash)], () => stored.get(sessionId, hash)) : null
    },
    open: (sessionId) => read.after(read.pending.last(sessionId), () => stored.open(sessionId)),
    oldest: (sessionId) => read.after(read.pending.last(sessionId), () => stored.oldest(sessionId)),
  }
}

/** Device lists. */
export function deviceReader(db: Connection, read: Reading): DeviceReader {
  const stored = deviceQueries(db)
  const ask = (sessionId: string, users: readonly string[]): Map<string, DeviceListRow> => {
    const found = new Map<string, DeviceListRow>()
    for (const user of users) {
      const list = stored.get(sessionId, user)
      if (list !== null) found.set(user, list)
    }
    return found
  }
  return {
    get: (sessionId, users) => read.point(sessionId, [key.allDevices, ...users.map(key.devices)], () => ask(sessionId, users)),
    excess: (sessionId, before, keep) => read.after(read.pending.last(sessionId), () => stored.excess(sessionId, before, keep)),
  }
}

/** The log. */
export function eventReader(db: Connection, read: Reading): EventReader {
  const stored = eventQueries(db)
  return {
    after: (sessionId, seq, limit) => read.after(read.pending.last(sessionId), () => stored.after(sessionId, seq, limit)),
    bounds: (sessionId) => read.after(read.pending.last(sessionId), () => stored.bounds(sessionId)),
    heads: () => read.after(read.pending.newest(), () => stored.heads()),
    everywhere: (place, limit) => read.after(read.pending.newest(), () => stored.everywhere(place, limit)),
    durableAfter: async (sessionId, seq, limit) => read.now(() => stored.after(sessionId, seq, limit)),
    durableEverywhere: async (place, limit) => read.now(() => stored.everywhere(place, limit)),
    everywhereBounds: () => read.after(read.pending.newest(), () => stored.everywhereBounds()),
  }
}

/** Webhooks. Lists across sessions wait for whatever is on its way. */
export function webhookReader(db: Connection, read: Reading): WebhookReader {
  const stored = webhookQueries(db)
  return {
    get: (id) => read.after(read.pending.last(GATEWAY), () => stored.get(id)),
    page: (request) => read.after(read.pending.last(GATEWAY), () => stored.page(request)),
    cursors: () => read.after(read.pending.newest(), () => stored.cursors()),
    cursor: (sessionId, webhookId) => read.after(read.pending.last(sessionId), () => stored.cursor(sessionId, webhookId)),
    recorded: (sessionId, webhookId, after, upTo) => read.after(read.pending.last(sessionId), () => stored.recorded(sessionId, webhookId, after, upTo)),
    waiting: (sessionId, webhookId, limit) => read.after(read.pending.last(sessionId), () => stored.waiting(sessionId, webhookId, limit)),
    deliveries: (webhookId, state, request) => read.after(read.pending.newest(), () => stored.deliveries(webhookId, state, request)),
  }
}
