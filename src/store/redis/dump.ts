import type { Redis } from 'ioredis'
import type { Dump } from '../dump.ts'
import { StoreRefused } from '../faults.ts'
import type { Change, ChatRow, ContactRow, GroupRow, MessageRow, OutboxRow, SessionRow } from '../store.ts'
import type { CursorRow, DeliveryRow, WebhookRow } from '../webhooks.ts'
import { DELIVERY_STATES } from '../webhooks.ts'
import { eventReads } from './events.ts'
import { journalReads } from './journal.ts'
import { keysOf, numberAt, restAfter } from './keys.ts'
import { livingNodes } from './living.ts'
import { inOrder, storedIn, wholeMessage, type Stored } from './messages.ts'
import { redisSource } from './source.ts'

const CHUNK = 500

/** Reads the store in Redis whole. Rejects with {@link StoreRefused} while gateways run on it, or where it holds nothing. */
export async function openRedisDump(redis: Redis, prefix: string, place: string): Promise<Dump> {
  const keys = keysOf(prefix)
  await assertQuiet(redis, prefix, place)
  if ((await redis.exists(keys.gateway.layout)) === 0) throw new StoreRefused(`Redis at ${place} holds no store under the prefix '${prefix}'.`)
  const source = redisSource(redis, place)
  const events = eventReads(redis, source, keys)
  const journal = journalReads(source, keys)
  const rowsOf = async <Row>(key: string): Promise<Row[]> => (await redis.hvals(key)).map((text) => JSON.parse(text) as Row)

  /** The messages of all chats in the order of storing. */
  async function* messages(sessionId: string): AsyncGenerator<readonly MessageRow[]> {
    const session = keys.session(sessionId)
    const found: { readonly place: number; readonly chatId: string; readonly id: string }[] = []
    for (const chatId of await redis.hkeys(session.rooms)) {
      for (const member of await redis.zrangebylex(session.messageOrder(chatId), '-', '+')) found.push({ chatId, ...inOrder(member) })
    }
    found.sort((one, other) => one.place - other.place)
    for (let from = 0; from < found.length; from += CHUNK) {
      const stored = await Promise.all(found.slice(from, from + CHUNK).map(async ({ place: at, chatId, id }): Promise<Stored | undefined> =>
        storedIn(chatId, id, await source.field(session.messages(chatId), id)).find((message) => message.place === at)))
      yield await Promise.all(stored.flatMap((message) => (message === undefined ? [] : [wholeMessage(source, session, message)])))
    }
  }

  return {
    async sessions() {
      const all = await rowsOf<SessionRow>(keys.gateway.sessions)
      return all.toSorted((one, other) => (one.createdAt < other.createdAt ? -1 : one.createdAt > other.createdAt ? 1 : one.id < other.id ? -1 : 1))
    },
    async *keys(sessionId) {
      const session = keys.session(sessionId)
      for (const type of await redis.hkeys(session.authTypes)) {
        const all = Object.entries(await redis.hgetall(session.auth(type))).map(([id, value]) => ({ type, id, value }))
        for (let from = 0; from < all.length; from += CHUNK) yield all.slice(from, from + CHUNK)
      }
    },
    async archived(sessionId) {
      const all = Object.entries(await redis.hgetall(keys.session(sessionId).archive)).map(([name, text]) => {
        const [type, id] = JSON.parse(name) as [string, string]
        return { type, id, ...(JSON.parse(text) as { value: string; at: number }) }
      })
      const [first] = all
      return first === undefined ? null : { keys: all.map(({ type, id, value }) => ({ type, id, value })), at: first.at }
    },
    async *contacts(sessionId) {
      const people = new Map((await rowsOf<Omit<ContactRow, 'id'>>(keys.session(sessionId).contacts)).map((person) => [JSON.stringify([person.phone, person.lid]), person]))
      const all = [...people.values()]
      for (let from = 0; from < all.length; from += CHUNK) yield all.slice(from, from + CHUNK)
    },
    async *chats(sessionId) {
      const all = await rowsOf<ChatRow>(keys.session(sessionId).chats)
      for (let from = 0; from < all.length; from += CHUNK) yield all.slice(from, from + CHUNK)
    },
    messages,
    async *rest(sessionId) {
      const session = keys.session(sessionId)
      for (const group of await rowsOf<GroupRow>(session.groups)) yield [{ kind: 'group.put', group }]
      const waiting = (await rowsOf<OutboxRow>(session.outbox)).toSorted((one, other) => one.position - other.position)
      if (waiting.length > 0) yield waiting.map(({ id, chatId, content, acceptedAt, expiresAt }): Change => ({ kind: 'outbox.put', id, chatId, content, acceptedAt, expiresAt }))
      const stored = Object.entries(await redis.hgetall(session.journal)).map(([hash, text]) => ({ hash, place: (JSON.parse(text) as { place: number }).place }))
      for (const { hash } of stored.toSorted((one, other) => one.place - other.place)) {
        const row = await journal.get(sessionId, hash)
        if (row !== null) yield [{ kind: 'journal.put', row }]
      }
      const lists = Object.entries(await redis.hgetall(session.devices)).map(([user, text]) => ({ user, ...(JSON.parse(text) as { value: string; at: number }) }))
      if (lists.length > 0) yield lists.map(({ user, value, at }): Change => ({ kind: 'devices.put', lists: [{ user, value }], at }))
    },
    async *log(after) {
      for (let { rows } = await events.everywhere(after, CHUNK); rows.length > 0; { rows } = await events.everywhere(rows.at(-1)?.place ?? 0, CHUNK)) yield rows
    },
    removed: async () => (await events.everywhereBounds()).removed,
    webhooks: () => rowsOf<WebhookRow>(keys.gateway.webhooks),
    cursors: () => rowsOf<CursorRow>(keys.gateway.cursors),
    async *deliveries() {
      const found: { readonly at: number; readonly sessionId: string; readonly seq: number; readonly webhookId: string }[] = []
      for (const webhookId of new Set((await rowsOf<CursorRow>(keys.gateway.cursors)).map((cursor) => cursor.webhookId))) {
        for (const state of DELIVERY_STATES) {
          for (const member of await redis.zrangebylex(keys.gateway.deliveries(webhookId, state), '-', '+')) {
            const [sessionId, seq] = JSON.parse(restAfter(member, 1)) as [string, number]
            found.push({ at: numberAt(member, 0), sessionId, seq, webhookId })
          }
        }
      }
      found.sort((one, other) => one.at - other.at)
      for (let from = 0; from < found.length; from += CHUNK) {
        const texts = await Promise.all(found.slice(from, from + CHUNK).map(({ sessionId, seq, webhookId }) => source.field(keys.session(sessionId).deliveries(webhookId), String(seq))))
        yield texts.flatMap((text) => (text === null ? [] : [(JSON.parse(text) as { row: DeliveryRow }).row]))
      }
    },
    close: async () => undefined,
  }
}

/** Rejects with {@link StoreRefused} while gateways run on the store. */
export async function assertQuiet(redis: Redis, prefix: string, place: string): Promise<void> {
  const living = await livingNodes(redis, keysOf(prefix).gateway)
  if (living.length > 0) throw new StoreRefused(`The gateway '${living[0] ?? ''}' runs on Redis at ${place}: stop all of them first. One that was killed counts for another 10 seconds.`)
}
