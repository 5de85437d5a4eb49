import type { BaileysEventMap, proto } from '@whiskeysockets/baileys'
import type { MessageKey } from '../../store/store.ts'
import { keyOf } from './address.ts'
import { isOwn } from './directory.ts'
import { toSeconds } from './values.ts'
import type { Scope } from './scope.ts'

/** Receipts of single people, as groups and the status feed send them. */
export function convertReceipts(updates: BaileysEventMap['message-receipt.update'], scope: Scope): void {
  for (const { key, receipt } of updates) {
    const message = keyOf({ key: { ...key, fromMe: true } }, scope.directory)
    if (message !== null && key.fromMe === true) receiptEvents(message, receipt, scope)
    else if (message !== null) readByOurselves(message.chatId, receipt, scope)
  }
}

/**
 * One person's receipt for a message of ours: the first one to get or read it moves the message.
 * Our own other devices tell nothing but that the chat is read.
 */
export function receiptEvents(key: MessageKey, receipt: proto.IUserReceipt, scope: Scope): void {
  const participant = scope.directory.canonical(receipt.userJid ?? '')
  if (participant === '') return
  if (isOwn(participant, scope.directory.own)) {
    readByOurselves(key.chatId, receipt, scope)
    return
  }
  for (const [state, time] of [['delivered', receipt.receiptTimestamp], ['read', receipt.readTimestamp], ['played', receipt.playedTimestamp]] as const) {
    const seconds = toSeconds(time)
    if (seconds === null) continue
    scope.emit({ type: 'message.receipt', key, participant, state, at: seconds * 1000 })
    scope.emit({ type: 'message.state', key, state, at: seconds * 1000, error: null })
  }
}

function readByOurselves(chatId: string, receipt: proto.IUserReceipt, scope: Scope): void {
  const mine = isOwn(scope.directory.canonical(receipt.userJid ?? ''), scope.directory.own)
  if (mine && toSeconds(receipt.readTimestamp) !== null) scope.emit({ type: 'chat.updated', id: chatId, fields: { unreadCount: 0 } })
}
