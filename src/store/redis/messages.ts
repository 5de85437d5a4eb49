import type { Redis } from 'ioredis'
import { readCursor, writeCursor } from '../cursor.ts'
import { cut } from '../cut.ts'
import { shortBody, wholeBody, type ShortBody } from '../message-body.ts'
import type { MessageKey, MessageRow, MessageView, Page, PageRequest } from '../store.ts'
import { numberAt, restAfter, sortable, SORTABLE_LENGTH, type Keys, type SessionKeys } from './keys.ts'
import { pageOf } from './script.ts'
import type { Source } from './source.ts'

/** Messages that are looked through at once for one that WhatsApp's own bytes are kept of. */
const CHUNK = 50

/** A message and its place in the order of storing. */
export interface Stored {
  readonly place: number
  readonly row: MessageView
  readonly hasRaw: boolean
}

/** A message as JSON, under its id in the hash of its chat. */
interface Written {
  readonly place: number
  readonly sender: string
  readonly timestamp: number
  readonly raw?: true
  readonly body: ShortBody
}

/** Where the bytes of a message are, in the hash of its chat. */
export const rawName = ({ id, sender }: Pick<MessageKey, 'id' | 'sender'>): string => JSON.stringify([id, sender])

/** All messages under an id in a chat, oldest first: senders choose ids, so there may be several. */
export function storedIn(chatId: string, id: string, text: string | null): readonly Stored[] {
  if (text === null) return []
  return (JSON.parse(text) as Written[]).map(({ place, sender, timestamp, raw, body }) => ({ place, hasRaw: raw === true, row: { chatId, id, sender, timestamp, ...wholeBody(body) } }))
}

/** The same as text. */
export const textOf = (all: readonly Stored[]): string =>
  JSON.stringify(all.toSorted((one, other) => one.place - other.place).map(({ place, hasRaw, row }): Written => ({ place, sender: row.sender, timestamp: row.timestamp, ...(hasRaw && { raw: true }), body: shortBody(row) })))

/** Reads all messages under an id in a chat. */
export const storedAt = async (source: Source, keys: SessionKeys, chatId: string, id: string): Promise<readonly Stored[]> => storedIn(chatId, id, await source.field(keys.messages(chatId), id))

/** With the bytes that only WhatsApp understands. */
export async function wholeMessage(source: Source, keys: SessionKeys, { row, hasRaw }: Stored): Promise<MessageRow> {
  const bytes = hasRaw ? await source.bytes(keys.raw(row.chatId), rawName(row)) : null
  return { ...row, raw: bytes === null ? null : new Uint8Array(bytes) }
}

/** The member of a message in the order of its chat. */
export const orderOf = ({ place, row: { timestamp, id } }: Stored): string => `${sortable(timestamp)}${sortable(place)}${id}`

/** The place and the id that are in such a member. */
export const inOrder = (member: string): { readonly place: number; readonly id: string } => ({ place: numberAt(member, 1), id: restAfter(member, 2) })

/** Our own messages under an id: their places and chats. */
export type OwnPlaces = readonly (readonly [place: number, chatId: string])[]

/** Reads of stored messages. */
export function messageReads(redis: Redis, source: Source, keys: Keys) {
  const find = async (sessionId: string, { chatId, id, sender }: MessageKey): Promise<Stored | null> =>
    (await storedAt(source, keys.session(sessionId), chatId, id)).find(({ row }) => row.sender === sender) ?? null

  async function firstWithRaw(sessionId: string, chatId: string, next: (after: string | null) => Promise<readonly string[]>): Promise<MessageRow | null> {
    const session = keys.session(sessionId)
    for (let members = await next(null); members.length > 0; members = await next(members.at(-1) ?? null)) {
      const ids = members.map((member) => inOrder(member).id)
      const found = await source.fields(session.messages(chatId), ids)
      for (const [at, member] of members.entries()) {
        const { place, id } = inOrder(member)
        const stored = storedIn(chatId, id, found[at] ?? null).find((other) => other.place === place)
        if (stored?.hasRaw) return wholeMessage(source, session, stored)
      }
    }
    return null
  }

  return {
    async get(sessionId: string, chatId: string, id: string): Promise<MessageRow | null> {
      const [first] = await storedAt(source, keys.session(sessionId), chatId, id)
      return first === undefined ? null : wholeMessage(source, keys.session(sessionId), first)
    },
    async find(sessionId: string, key: MessageKey): Promise<MessageRow | null> {
      const stored = await find(sessionId, key)
      return stored === null ? null : wholeMessage(source, keys.session(sessionId), stored)
    },
    async own(sessionId: string, id: string): Promise<MessageView | null> {
      const text = await source.field(keys.session(sessionId).own, id)
      for (const [, chatId] of text === null ? [] : (JSON.parse(text) as OwnPlaces)) {
        const stored = await find(sessionId, { chatId, id, sender: '' })
        if (stored !== null) return stored.row
      }
      return null
    },
    async page(sessionId: string, chatId: string, { limit, cursor }: PageRequest): Promise<Page<MessageView>> {
      const session = keys.session(sessionId)
      const from = readCursor('messages', cursor)
      const before = from === null ? null : `${sortable(Number(from[0]))}${sortable(Number(from[1]))}`
      const found = await pageOf(redis, session.messageOrder(chatId), session.messages(chatId), before, limit + 1, 2 * SORTABLE_LENGTH)
      const stored = found.flatMap(({ member, row }) => {
        const { place, id } = inOrder(member)
        return storedIn(chatId, id, row).filter((message) => message.place === place)
      })
      const { rows, next } = cut(stored, limit, ({ place, row }) => writeCursor('messages', [row.timestamp, place]))
      return { rows: rows.map(({ row }) => row), next }
    },
    oldest: (sessionId: string, chatId: string): Promise<MessageRow | null> =>
      firstWithRaw(sessionId, chatId, (after) => redis.zrangebylex(keys.session(sessionId).messageOrder(chatId), after === null ? '-' : `(${after}`, '+', 'LIMIT', 0, CHUNK)),
    newest: (sessionId: string, chatId: string): Promise<MessageRow | null> =>
      firstWithRaw(sessionId, chatId, (before) => redis.zrevrangebylex(keys.session(sessionId).messageOrder(chatId), before === null ? '+' : `(${before}`, '-', 'LIMIT', 0, CHUNK)),
  }
}
