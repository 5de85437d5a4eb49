import { proto, type BaileysEventMap, type WAMessage } from '@whiskeysockets/baileys'
import type { HistoryType } from '../../events/domain.ts'
import type { MessageKey, MessageRow } from '../../store/store.ts'
import { keyOf } from './address.ts'
import { convertHistoryChats } from './chats.ts'
import { convertContacts } from './contacts.ts'
import { open, toContent } from './content.ts'
import { noContent, stubType, timestampOf, toRow } from './row.ts'
import type { Scope } from './scope.ts'
import { millisecondsToSeconds, toCount, toFilledText, toSeconds } from './values.ts'

/** What Baileys gives of a history at once. */
export type History = BaileysEventMap['messaging-history.set']

/** Rows that are converted and written at once, so that the event loop breathes. */
export const HISTORY_SLICE = 500

const { StubType } = proto.WebMessageInfo
const { MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type
type Stub = proto.WebMessageInfo.StubType
const REVOKES: ReadonlySet<Stub> = new Set([StubType.REVOKE, StubType.ADMIN_REVOKE])

const { HistorySyncType } = proto.HistorySync
const TYPES: ReadonlyMap<number, HistoryType> = new Map<number, HistoryType>([
  [HistorySyncType.INITIAL_BOOTSTRAP, 'bootstrap'],
  [HistorySyncType.INITIAL_STATUS_V3, 'status'],
  [HistorySyncType.FULL, 'full'],
  [HistorySyncType.RECENT, 'recent'],
  [HistorySyncType.PUSH_NAME, 'pushNames'],
  [HistorySyncType.NON_BLOCKING_DATA, 'settings'],
  [HistorySyncType.ON_DEMAND, 'onDemand'],
])

const toHistoryType = (type: number | null | undefined): HistoryType => TYPES.get(type ?? -1) ?? 'other'

/**
 * A history in pieces of its own shape, in the order they have to be taken: people, chats, messages oldest first
 * (Baileys has them newest first), and at the end what there is to tell of the whole.
 */
export function* historySlices(history: History, size = HISTORY_SLICE): Generator<History> {
  for (let at = 0; at < history.contacts.length; at += size) yield { chats: [], contacts: history.contacts.slice(at, at + size), messages: [] }
  for (let at = 0; at < history.chats.length; at += size) yield { chats: history.chats.slice(at, at + size), contacts: [], messages: [] }
  for (let end = history.messages.length; end > 0; end -= size) yield { chats: [], contacts: [], messages: history.messages.slice(Math.max(0, end - size), end) }
  yield { ...history, chats: [], contacts: [], messages: [] }
}

/** People, chats and rows of a history, and how far it has come; never a message that was received. */
export function convertHistory(history: History, scope: Scope): void {
  convertContacts(history.contacts, scope)
  convertHistoryChats(history.chats, scope)
  convertHistoryMessages(history.messages, scope)
  if (history.syncType === undefined || history.syncType === null) return
  scope.emit({
    type: 'history.progress',
    syncType: toHistoryType(history.syncType),
    progress: toCount(history.progress, 100),
    chunk: toCount(history.chunkOrder),
    latest: history.isLatest === true,
    requestId: toFilledText(history.peerDataRequestSessionId),
    status: 'progress',
  })
}

/** A stage of the history is complete, or the phone has stopped sending. */
export function convertHistoryStatus({ syncType, status }: BaileysEventMap['messaging-history.status'], scope: Scope): void {
  scope.emit({ type: 'history.progress', syncType: toHistoryType(syncType), progress: status === 'complete' ? 100 : null, chunk: null, latest: false, requestId: null, status })
}

/** Oldest first; each chat is touched once, for its chat may have been in an earlier piece that Baileys does not repeat. */
function convertHistoryMessages(messages: readonly WAMessage[], scope: Scope): void {
  const newest = new Map<string, number>()
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index]
    const row = message && toHistoryRow(message, scope)
    if (!row) continue
    scope.emit({ type: 'message.stored', message: row, touch: false })
    if (row.timestamp > (newest.get(row.chatId) ?? 0)) newest.set(row.chatId, row.timestamp)
  }
  for (const [id, timestamp] of newest) scope.emit({ type: 'chat.touched', id, timestamp })
}

function toHistoryRow(message: WAMessage, scope: Scope): MessageRow | null {
  const key = keyOf(message, scope.directory)
  if (key === null) return null
  const edit = message.message?.editedMessage?.message?.protocolMessage
  const opened = open(edit?.type === MESSAGE_EDIT ? edit.editedMessage : message.message)
  if (opened.kind === 'content') {
    const row = toRow(message, key, toContent(opened.reading, scope.directory), scope)
    return message.message?.editedMessage ? { ...row, editedAt: (millisecondsToSeconds(edit?.timestampMs) ?? row.timestamp) * 1000 } : row
  }
  return opened.kind === 'empty' ? toStubRow(message, key, message.messageStubType ?? StubType.UNKNOWN, scope) : null
}

function toStubRow(message: WAMessage, key: MessageKey, stub: Stub, scope: Scope): MessageRow | null {
  if (REVOKES.has(stub)) {
    const deletedAt = (toSeconds(message.revokeMessageTimestamp) ?? timestampOf(message, scope.nowMs)) * 1000
    return { ...toRow(message, key, noContent('unsupported'), scope), deletedAt, raw: null }
  }
  if (stub === StubType.UNKNOWN) return null
  return toRow(message, key, noContent(stubType(stub)), scope)
}
