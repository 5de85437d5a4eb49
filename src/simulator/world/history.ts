import { proto } from '@whiskeysockets/baileys'
import { seededMessage } from './history-seed.ts'
import type { SeededChat } from './history-seed.ts'
import type { Storage } from './storage.ts'

/** A reaction on an archived message, by the LID user who made it. */
export type ArchivedReaction = { sender: string; emoji: string; at: number }

/** A message as a phone keeps it; times are Unix seconds, the sender is a LID user. */
export type ArchivedMessage = {
  id: string
  fromMe: boolean
  sender: string
  at: number
  content: proto.IMessage
  reactions: readonly ArchivedReaction[]
}

type Row = Omit<ArchivedMessage, 'content'> & { owner: string; chat: string; order: number; content: Buffer }
type ChatRow = { owner: string; chat: string; unread: number }

/** What the phones of all accounts remember; a chat is `<lid>@lid` or `<id>@g.us`, an owner a LID user. */
export type Archive = {
  /** Takes in a message as it passes: edits, deletions and reactions change what they speak of. */
  record(owner: string, chat: string, message: Omit<ArchivedMessage, 'reactions'>): void
  /** Gives a chat an invented past. */
  seed(chat: SeededChat): void
  seeds(owner: string): SeededChat[]
  chats(owner: string): string[]
  /** All messages of a chat, oldest first, the invented past before the real present. */
  messages(owner: string, chat: string): ArchivedMessage[]
  /** The same without what only an on-demand request brings. */
  recent(owner: string, chat: string): ArchivedMessage[]
  newest(owner: string, chat: string): ArchivedMessage | undefined
  find(owner: string, id: string): { chat: string; message: ArchivedMessage } | undefined
  unread(owner: string, chat: string): number
  markRead(owner: string, chat: string): void
  /** Grows with every change of an owner's archive, so that payloads made of it can be kept. */
  revision(owner: string): number
  /** Forgets what is derived from storage, after that was emptied. */
  forget(): void
}

/** Messages of the present kept for each chat. */
export const MAX_LIVE_PER_CHAT = 1000

const ORDER_DIGITS = 12
const { REVOKE, MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type
const byChat = (owner: string, chat: string): string => `${owner}/${chat}`
const rowKey = (row: Row): string => `${byChat(row.owner, row.chat)}/${String(row.order).padStart(ORDER_DIGITS, '0')}`

// What a phone shows as a message of its own; the rest changes others or is not for eyes.
const isShown = (content: proto.IMessage): boolean =>
  Object.entries(content).some(([name, value]) =>
    value !== null && value !== undefined && name !== 'messageContextInfo' && name !== 'senderKeyDistributionMessage' && name !== 'protocolMessage')

/** Opens the archive kept in the world's storage. */
export const openArchive = (storage: Storage): Archive => {
  const rows = storage.collection<Row>('archive')
  const seeds = storage.collection<SeededChat>('archive-seeds')
  const chatRows = storage.collection<ChatRow>('archive-chats')
  const live = new Map<string, Row[]>()
  const byId = new Map<string, Row>()
  const revisions = new Map<string, number>()
  let lastOrder = 0

  const index = (row: Row): void => {
    const key = byChat(row.owner, row.chat)
    const chat = live.get(key)
    if (chat) chat.push(row)
    else live.set(key, [row])
    byId.set(`${row.owner}/${row.id}`, row)
    lastOrder = Math.max(lastOrder, row.order)
  }
  for (const row of [...rows.values()].toSorted((a, b) => a.order - b.order)) index(row)

  const touch = (owner: string): void => void revisions.set(owner, (revisions.get(owner) ?? 0) + 1)
  const remove = (row: Row): void => {
    rows.delete(rowKey(row))
    byId.delete(`${row.owner}/${row.id}`)
    const key = byChat(row.owner, row.chat)
    live.set(key, (live.get(key) ?? []).filter((kept) => kept !== row))
  }
  const toMessage = (row: Row): ArchivedMessage => ({
    id: row.id, fromMe: row.fromMe, sender: row.sender, at: row.at, reactions: row.reactions,
    content: proto.Message.decode(row.content),
  })
  const setUnread = (owner: string, chat: string, unread: number): void => chatRows.set(byChat(owner, chat), { owner, chat, unread })
  const unreadOf = (owner: string, chat: string): number =>
    chatRows.get(byChat(owner, chat))?.unread ?? seeds.get(byChat(owner, chat))?.unread ?? 0
  const past = (owner: string, chat: string, skip: 'none' | 'older'): ArchivedMessage[] => {
    const seed = seeds.get(byChat(owner, chat))
    if (seed === undefined) return []
    const first = skip === 'older' ? seed.older : 0
    return Array.from({ length: seed.older + seed.recent - first }, (_value, offset) => seededMessage(seed, first + offset))
  }
  const present = (owner: string, chat: string): ArchivedMessage[] => (live.get(byChat(owner, chat)) ?? []).map(toMessage)

  const amend = (owner: string, message: Omit<ArchivedMessage, 'reactions'>): boolean => {
    const { protocolMessage, reactionMessage, editedMessage } = message.content
    const protocol = protocolMessage ?? editedMessage?.message?.protocolMessage
    const target = byId.get(`${owner}/${protocol?.key?.id ?? reactionMessage?.key?.id ?? ''}`)
    if (target !== undefined && protocol?.type === REVOKE) remove(target)
    else if (target !== undefined && protocol?.type === MESSAGE_EDIT && protocol.editedMessage) {
      target.content = Buffer.from(proto.Message.encode(protocol.editedMessage).finish())
      rows.set(rowKey(target), target)
    } else if (target !== undefined && reactionMessage) {
      const others = target.reactions.filter(({ sender }) => sender !== message.sender)
      const emoji = reactionMessage.text ?? ''
      target.reactions = emoji === '' ? others : [...others, { sender: message.sender, emoji, at: message.at }]
      rows.set(rowKey(target), target)
    }
    return protocol !== null && protocol !== undefined || reactionMessage !== null && reactionMessage !== undefined
  }

  return {
    record: (owner, chat, message) => {
      // Stories are no chat.
      if (chat.endsWith('@broadcast')) return
      touch(owner)
      if (amend(owner, message) || !isShown(message.content) || byId.has(`${owner}/${message.id}`)) return
      const row: Row = { ...message, owner, chat, order: lastOrder + 1, reactions: [], content: Buffer.from(proto.Message.encode(message.content).finish()) }
      index(row)
      rows.set(rowKey(row), row)
      const kept = live.get(byChat(owner, chat)) ?? []
      if (kept.length > MAX_LIVE_PER_CHAT && kept[0]) remove(kept[0])
      setUnread(owner, chat, message.fromMe ? 0 : unreadOf(owner, chat) + 1)
    },
    seed: (chat) => {
      seeds.set(byChat(chat.owner, chat.chat), chat)
      touch(chat.owner)
    },
    seeds: (owner) => [...seeds.values()].filter((seed) => seed.owner === owner),
    chats: (owner) => {
      const own = new Set([...seeds.values()].filter((seed) => seed.owner === owner).map(({ chat }) => chat))
      for (const [key, kept] of live) {
        if (key.startsWith(`${owner}/`) && kept.length > 0) own.add(key.slice(owner.length + 1))
      }
      return [...own]
    },
    messages: (owner, chat) => [...past(owner, chat, 'none'), ...present(owner, chat)],
    recent: (owner, chat) => [...past(owner, chat, 'older'), ...present(owner, chat)],
    newest: (owner, chat) => {
      const row = live.get(byChat(owner, chat))?.at(-1)
      if (row !== undefined) return toMessage(row)
      const seed = seeds.get(byChat(owner, chat))
      return seed && seededMessage(seed, seed.older + seed.recent - 1)
    },
    find: (owner, id) => {
      const row = byId.get(`${owner}/${id}`)
      if (row !== undefined) return { chat: row.chat, message: toMessage(row) }
      for (const seed of seeds.values()) {
        const message = seed.owner === owner ? past(owner, seed.chat, 'none').find((candidate) => candidate.id === id) : undefined
        if (message !== undefined) return { chat: seed.chat, message }
      }
      return undefined
    },
    unread: unreadOf,
    markRead: (owner, chat) => {
      if (unreadOf(owner, chat) === 0) return
      setUnread(owner, chat, 0)
      touch(owner)
    },
    revision: (owner) => revisions.get(owner) ?? 0,
    forget: () => {
      live.clear()
      byId.clear()
      for (const owner of revisions.keys()) touch(owner)
    },
  }
}
