import { isDeepStrictEqual } from 'node:util'
import type { ChatRow } from '../store.ts'
import { given } from './contacts.ts'

/** A chat of which nothing is known but its id. */
export const newChat = (id: string): ChatRow => ({
  id,
  name: null,
  unreadCount: 0,
  conversationTimestamp: 0,
  archived: false,
  pin: null,
  mute: null,
  ephemeralExpiration: null,
  ephemeralSettingTimestamp: null,
  labels: [],
})

/** The chat with some of its fields set, or null when they are as they were. */
export function mergedChat(chat: ChatRow, fields: Partial<Omit<ChatRow, 'id'>>): ChatRow | null {
  const merged = { ...chat, ...given(fields) }
  return isDeepStrictEqual(merged, chat) ? null : merged
}

/** The chat after a message came or went; a count below zero means "marked as unread" and counts as none. */
export const touchedChat = (chat: ChatRow, timestamp: number, unread: number): ChatRow => ({
  ...chat,
  conversationTimestamp: Math.max(chat.conversationTimestamp, timestamp),
  unreadCount: Math.max(0, Math.max(0, chat.unreadCount) + unread),
})

/** One chat of two that turned out to be one person's: `winner`'s id, and its fields where they are set. */
export const joinedChat = (winner: ChatRow, loser: ChatRow): ChatRow => ({
  id: winner.id,
  name: winner.name ?? loser.name,
  unreadCount: joinedUnread(winner.unreadCount, loser.unreadCount),
  conversationTimestamp: Math.max(winner.conversationTimestamp, loser.conversationTimestamp),
  archived: winner.archived,
  pin: winner.pin ?? loser.pin,
  mute: winner.mute ?? loser.mute,
  ephemeralExpiration: winner.ephemeralExpiration ?? loser.ephemeralExpiration,
  ephemeralSettingTimestamp: winner.ephemeralSettingTimestamp ?? loser.ephemeralSettingTimestamp,
  labels: winner.labels.length > 0 ? winner.labels : loser.labels,
})

/** "Marked as unread" survives only where neither has unread messages. */
const joinedUnread = (one: number, other: number): number => (one > 0 || other > 0 ? Math.max(0, one) + Math.max(0, other) : Math.min(one, other))
