import type { Redis } from 'ioredis'
import { readCursor, writeCursor } from '../cursor.ts'
import { cut } from '../cut.ts'
import { joinedChat, newChat, touchedChat } from '../rules/chats.ts'
import type { ChatRow, Page, PageRequest } from '../store.ts'
import type { Draft } from './draft.ts'
import { sortable, SORTABLE_LENGTH, type Keys, type SessionKeys } from './keys.ts'
import { pageOf } from './script.ts'
import type { Source } from './source.ts'

const memberOf = ({ conversationTimestamp, id }: Pick<ChatRow, 'conversationTimestamp' | 'id'>): string => `${sortable(conversationTimestamp)}${id}`

const toRow = (text: string | null): ChatRow | null => (text === null ? null : (JSON.parse(text) as ChatRow))

/** The chat under an id. */
export const chatAt = async (source: Source, keys: SessionKeys, id: string): Promise<ChatRow | null> => toRow(await source.field(keys.chats, id))

/** Reads of stored chats. */
export function chatReads(redis: Redis, source: Source, keys: Keys) {
  return {
    get: (sessionId: string, id: string): Promise<ChatRow | null> => chatAt(source, keys.session(sessionId), id),
    async page(sessionId: string, { limit, cursor }: PageRequest): Promise<Page<ChatRow>> {
      const { chatOrder, chats } = keys.session(sessionId)
      const from = readCursor('chats', cursor)
      const before = from === null ? null : memberOf({ conversationTimestamp: Number(from[0]), id: String(from[1]) })
      const found = await pageOf(redis, chatOrder, chats, before, limit + 1, SORTABLE_LENGTH)
      return cut(found.flatMap(({ row }) => toRow(row) ?? []), limit, ({ conversationTimestamp, id }) => writeCursor('chats', [conversationTimestamp, id]))
    },
    count: (sessionId: string): Promise<number> => redis.hlen(keys.session(sessionId).chats),
  }
}

/** Takes a chat away; the answer is what it was. */
export async function takeChat(draft: Draft, id: string): Promise<ChatRow | null> {
  const stored = await chatAt(draft, draft.keys, id)
  if (stored === null) return null
  draft.take(draft.keys.chatOrder, memberOf(stored))
  draft.drop(draft.keys.chats, id)
  return stored
}

/** Puts a chat in the place of what was under its id. */
export function putChat(draft: Draft, before: ChatRow | null, chat: ChatRow): void {
  draft.put(draft.keys.chats, chat.id, JSON.stringify(chat))
  if (before?.conversationTimestamp === chat.conversationTimestamp) return
  if (before !== null) draft.take(draft.keys.chatOrder, memberOf(before))
  draft.add(draft.keys.chatOrder, memberOf(chat))
}

/** What a message does to its chat. */
export async function touchChat(draft: Draft, id: string, timestamp: number, unread: number): Promise<void> {
  const stored = await chatAt(draft, draft.keys, id)
  putChat(draft, stored, touchedChat(stored ?? newChat(id), timestamp, unread))
}

/** Moves a chat under another id; says whether there was one. */
export async function renameChat(draft: Draft, from: string, to: string): Promise<boolean> {
  const moved = await takeChat(draft, from)
  if (moved === null) return false
  const there = await chatAt(draft, draft.keys, to)
  putChat(draft, there, there === null ? { ...moved, id: to } : joinedChat(there, moved))
  return true
}
