import { proto } from '@whiskeysockets/baileys'
import type { Account, Companion } from '../world/accounts.ts'
import type { World } from '../world/world.ts'
import { firstNotices, recentNotices, toConversation, toNotice, wireChat } from './history-payload.ts'
import type { HistoryNotice } from './history-payload.ts'
import { sendPeer } from './phones.ts'

/** Most messages that one on-demand answer carries, as WhatsApp's phones do. */
export const MAX_ON_DEMAND = 50

const { ON_DEMAND } = proto.HistorySync.HistorySyncType
const { COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY, COMPLETE_ON_DEMAND_SYNC_BUT_MORE_MSG_REMAIN_ON_PRIMARY } =
  proto.Conversation.EndOfHistoryTransferType

// The payload for a new companion is dear (half a second for 50,000 messages): it is kept until the archive changes.
const ready = new WeakMap<Account, { revision: number; notices: Promise<HistoryNotice[]> }>()

const send = async (world: World, account: Account, companion: Companion, notices: readonly HistoryNotice[]): Promise<void> => {
  for (const historySyncNotification of notices) {
    await sendPeer(world, account, companion, {
      protocolMessage: { type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION, historySyncNotification },
    })
  }
}

/** Gives a newly linked companion the settings key and then all history that links bring. */
export const sendFirstSync = async (world: World, account: Account, companion: Companion): Promise<void> => {
  await sendPeer(world, account, companion, world.appState.keyShare(account))
  const revision = world.archive.revision(account.lid)
  const known = ready.get(account)
  const fresh = known?.revision === revision ? known : { revision, notices: firstNotices(world, account) }
  ready.set(account, fresh)
  await send(world, account, companion, await fresh.notices)
}

/** Brings chats to companions that are linked already. */
export const pushHistory = async (world: World, account: Account, chats: readonly string[]): Promise<void> => {
  if (account.companions.length === 0) return
  const notices = await recentNotices(world, account, chats)
  for (const companion of account.companions) await send(world, account, companion, notices)
}

/** Answers a companion that asks for what came before a message it knows. */
export const sendOlder = async (
  world: World,
  account: Account,
  companion: Companion,
  requestId: string,
  asked: proto.Message.PeerDataOperationRequestMessage.IHistorySyncOnDemandRequest,
): Promise<void> => {
  const chatJid = asked.chatJid ?? ''
  const person = world.accounts.byJid(chatJid)
  const chat = person ? world.accounts.lidOf(person) : chatJid
  const all = world.archive.messages(account.lid, chat)
  const known = all.findIndex(({ id }) => id === asked.oldestMsgId)
  const end = known >= 0 ? known : all.filter(({ at }) => at * 1000 < Number(asked.oldestMsgTimestampMs ?? 0)).length
  const count = Math.min(MAX_ON_DEMAND, Math.max(0, asked.onDemandMsgCount ?? MAX_ON_DEMAND))
  const start = Math.max(0, end - count)
  const conversation = toConversation(world, account, chat, all.slice(start, end), {
    // The answer speaks of the chat as the question did.
    id: chatJid === '' ? wireChat(world, chat).id : chatJid,
    endOfHistoryTransfer: start === 0,
    endOfHistoryTransferType: start === 0 ? COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY : COMPLETE_ON_DEMAND_SYNC_BUT_MORE_MSG_REMAIN_ON_PRIMARY,
  })
  const notice = await toNotice(world, { syncType: ON_DEMAND, conversations: [conversation], chunkOrder: 1, progress: 100 })
  await send(world, account, companion, [{ ...notice, peerDataRequestSessionId: requestId }])
}
