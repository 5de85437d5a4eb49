import { promisify } from 'node:util'
import { constants, deflate } from 'node:zlib'
import { proto } from '@whiskeysockets/baileys'
import type { Account } from '../world/accounts.ts'
import type { ArchivedMessage } from '../world/history.ts'
import { storeMedia } from '../world/media-message.ts'
import type { World } from '../world/world.ts'
import { parseJid } from '../wire/jid.ts'

/** A chunk of history as a companion is told of it: inside the notice, or by a media blob. */
export type HistoryNotice = proto.Message.IHistorySyncNotification

/** Payloads up to this size travel inside the notice; larger ones by the media host. */
export const MAX_INLINE_BYTES = 48 * 1024

const MESSAGES_PER_CHUNK = 6000
const { INITIAL_BOOTSTRAP, RECENT, PUSH_NAME } = proto.HistorySync.HistorySyncType
const pack = promisify(deflate)

/** How a chat is called on the wire: groups by id, people in the form they write from. */
export const wireChat = (world: World, chat: string): { id: string; other: { pnJid?: string; lidJid?: string }; account: Account | undefined } => {
  const account = world.accounts.byJid(chat)
  if (account === undefined) return { id: chat, other: {}, account }
  return account.addressing === 'lid'
    ? { id: world.accounts.lidOf(account), other: { pnJid: world.accounts.pn(account) }, account }
    : { id: world.accounts.pn(account), other: { lidJid: world.accounts.lidOf(account) }, account }
}

const participantOf = (world: World, chat: string, message: ArchivedMessage): string | undefined => {
  const sender = chat.endsWith('@g.us') ? world.accounts.byLid(message.sender) : undefined
  return sender && world.accounts.lidOf(sender)
}

/** A message as history carries it, its key written in the given form of the chat. */
export const toWebMessage = (world: World, chatId: string, message: ArchivedMessage): proto.IWebMessageInfo => {
  const participant = participantOf(world, chatId, message)
  const key = { remoteJid: chatId, fromMe: message.fromMe, id: message.id, ...(participant !== undefined && { participant }) }
  return {
    key,
    ...(participant !== undefined && { participant }),
    message: message.content,
    messageTimestamp: message.at,
    ...(message.fromMe
      ? { status: proto.WebMessageInfo.Status.READ }
      : { pushName: world.accounts.byLid(message.sender)?.name ?? null }),
    reactions: message.reactions.map(({ sender, emoji, at }) => ({
      key: { ...key, fromMe: false, participant: `${sender}@lid` }, text: emoji, senderTimestampMs: at * 1000,
    })),
  }
}

/** A chat as history carries it, its messages newest first. */
export const toConversation = (
  world: World,
  owner: Account,
  chat: string,
  messages: readonly ArchivedMessage[],
  more: proto.IConversation | { id?: string } = {},
): proto.IConversation => {
  const { id, other, account } = wireChat(world, chat)
  const group = world.groups.get(chat)
  const newest = messages.at(-1)
  return {
    id,
    ...other,
    name: group?.subject ?? account?.name ?? null,
    unreadCount: world.archive.unread(owner.lid, chat),
    conversationTimestamp: newest?.at ?? null,
    lastMsgTimestamp: newest?.at ?? null,
    ...(group && {
      participant: [...group.members].map(([lid, role]) => ({
        userJid: `${lid}@lid`,
        rank: role === 'superadmin' ? 2 : role === 'admin' ? 1 : 0,
      })),
    }),
    endOfHistoryTransfer: false,
    endOfHistoryTransferType: proto.Conversation.EndOfHistoryTransferType.COMPLETE_BUT_MORE_MESSAGES_REMAIN_ON_PRIMARY,
    ...more,
    messages: messages.toReversed().map((message) => ({ message: toWebMessage(world, more.id ?? id, message) })),
  }
}

/** Packs one chunk: deflated, and put on the media host when it is large. */
export const toNotice = async (world: World, sync: proto.IHistorySync): Promise<HistoryNotice> => {
  const payload = await pack(proto.HistorySync.encode(sync).finish(), { level: constants.Z_BEST_SPEED })
  const about: HistoryNotice = {
    syncType: Number(sync.syncType),
    chunkOrder: sync.chunkOrder ?? null,
    progress: sync.progress ?? null,
  }
  if (payload.length <= MAX_INLINE_BYTES) return { ...about, initialHistBootstrapInlinePayload: payload }
  const { fileLength, fileSha256, fileEncSha256, mediaKey, directPath } = await storeMedia(world.media, payload, 'md-msg-hist')
  return { ...about, fileLength, fileSha256, fileEncSha256, mediaKey, directPath }
}

const mappings = (world: World, chats: readonly string[]): proto.IPhoneNumberToLIDMapping[] => {
  const lids = new Set(chats.flatMap((chat) => [...(world.groups.get(chat)?.members.keys() ?? [parseJid(chat)?.user ?? ''])]))
  return [...lids].flatMap((lid) => {
    const account = world.accounts.byLid(lid)
    return account === undefined ? [] : [{ pnJid: world.accounts.pn(account), lidJid: world.accounts.lidOf(account) }]
  })
}

/** The recent messages of chats in chunks, whole chats each, with the progress growing to 100. */
export const recentNotices = async (world: World, owner: Account, chats: readonly string[]): Promise<HistoryNotice[]> => {
  const chunks: { chats: string[]; conversations: proto.IConversation[] }[] = [{ chats: [], conversations: [] }]
  let held = 0
  for (const chat of chats) {
    const messages = world.archive.recent(owner.lid, chat)
    if (held > 0 && held + messages.length > MESSAGES_PER_CHUNK) {
      chunks.push({ chats: [], conversations: [] })
      held = 0
    }
    held += messages.length
    chunks.at(-1)?.chats.push(chat)
    chunks.at(-1)?.conversations.push(toConversation(world, owner, chat, messages))
  }
  const notices: HistoryNotice[] = []
  for (const [index, chunk] of chunks.entries()) {
    notices.push(await toNotice(world, {
      syncType: RECENT,
      conversations: chunk.conversations,
      phoneNumberToLidMappings: mappings(world, chunk.chats),
      chunkOrder: index + 1,
      progress: Math.floor(((index + 1) / chunks.length) * 100),
    }))
  }
  return notices
}

/** What a newly linked companion gets: every chat with its newest message, then names, then the recent messages. */
export const firstNotices = async (world: World, owner: Account): Promise<HistoryNotice[]> => {
  const newest = world.archive.chats(owner.lid)
    .map((chat) => ({ chat, message: world.archive.newest(owner.lid, chat) }))
    .toSorted((a, b) => (b.message?.at ?? 0) - (a.message?.at ?? 0))
  const chats = newest.map(({ chat }) => chat)
  const people = new Set(chats.flatMap((chat) => [...(world.groups.get(chat)?.members.keys() ?? [parseJid(chat)?.user ?? ''])]))
  return [
    await toNotice(world, {
      syncType: INITIAL_BOOTSTRAP,
      conversations: newest.map(({ chat, message }) => toConversation(world, owner, chat, message ? [message] : [])),
      phoneNumberToLidMappings: mappings(world, chats),
      chunkOrder: 0,
      progress: 0,
    }),
    await toNotice(world, {
      syncType: PUSH_NAME,
      pushnames: [...people].flatMap((lid) => {
        const account = world.accounts.byLid(lid)
        return account === undefined || account === owner ? [] : [{ id: wireChat(world, `${lid}@lid`).id, pushname: account.name }]
      }),
      progress: 100,
    }),
    ...await recentNotices(world, owner, chats),
  ]
}
