import { proto, type BaileysEventMap, type WAMessage } from '@whiskeysockets/baileys'
import { isBroadcast } from '../../jid.ts'
import type { MessageKey } from '../../store/store.ts'
import { additionEvents } from './additions.ts'
import { authorOf, keyOf, learnKey } from './address.ts'
import { open, toContent } from './content.ts'
import { learnFromStub, stubEvents } from './notices.ts'
import { learnFromProtocol } from './migration.ts'
import { receiptEvents } from './receipts.ts'
import { noContent, stubParameters, stubType, toRow, toState } from './row.ts'
import type { People } from './people.ts'
import type { Scope } from './scope.ts'
import { toFilledText } from './values.ts'

const { StubType } = proto.WebMessageInfo

/** Takes the pairs that messages teach. */
export function learnMessages(messages: readonly WAMessage[], people: People): void {
  for (const message of messages) {
    learnKey(message.key, people)
    learnFromStub(message, people)
    learnFromProtocol(message, people)
    if (message.key?.fromMe === true) people.pair(message.key.remoteJid, message.userReceipt?.[0]?.userJid)
  }
}

/** Messages as they come in, live or after an absence: rows, additions to other messages, notices; nothing for what only machines say. */
export function convertMessages({ messages }: BaileysEventMap['messages.upsert'], scope: Scope): void {
  for (const message of messages) convertMessage(message, scope)
}

function convertMessage(message: WAMessage, scope: Scope): void {
  const key = keyOf(message, scope.directory)
  if (key === null || message.category === 'peer') return
  learnName(message, key, scope)
  const opened = open(message.message)
  const stub = message.messageStubType ?? StubType.UNKNOWN
  if (opened.kind === 'addition') additionEvents(message, opened.message, key, scope)
  else if (opened.kind === 'content') contentEvents(message, key, toRow(message, key, toContent(opened.reading, scope.directory), scope), scope)
  else if (opened.kind === 'silent') return
  else if (message.key.isViewOnce === true) undecryptableEvent(message, key, scope)
  // Baileys may merge a revoke into the message it revokes, under the revoke's own id: the revoke itself comes too.
  else if (stub !== StubType.UNKNOWN && stub !== StubType.REVOKE) stubbedEvents(message, key, stubType(stub), scope)
}

function stubbedEvents(message: WAMessage, key: MessageKey, type: 'call' | 'undecryptable' | 'system', scope: Scope): void {
  if (type === 'undecryptable') undecryptableEvent(message, key, scope)
  else if (type === 'call') contentEvents(message, key, toRow(message, key, noContent('call'), scope), scope)
  else noticeEvents(message, key, scope)
}

function undecryptableEvent(message: WAMessage, key: MessageKey, scope: Scope): void {
  // The store tells of content once by itself, but puts it in the place of a row without any: that one is told here, and only where nothing is stored.
  if (scope.directory.typeOf(key) === null) scope.emit({ type: 'message.undecryptable', message: toRow(message, key, noContent('undecryptable'), scope), reason: toFilledText(stubParameters(message)[0]) })
}

type Row = ReturnType<typeof toRow>

function contentEvents(message: WAMessage, key: MessageKey, row: Row, scope: Scope): void {
  if (key.sender === '') {
    scope.emit({ type: 'message.sent', message: row, source: scope.sentHere(key.id) ? 'api' : 'phone' })
    // A receipt that came while Baileys held the message back is merged into it, and is told nowhere else.
    if (row.state === 'delivered' || row.state === 'read' || row.state === 'played') {
      scope.emit({ type: 'message.state', key, state: row.state, at: row.timestamp * 1000, error: null })
    }
    for (const receipt of message.userReceipt ?? []) receiptEvents(key, receipt, scope)
    return
  }
  const state = toState(message.status)
  const read = state === 'read' || state === 'played'
  scope.emit({ type: 'message.received', message: row, unread: read || isBroadcast(key.chatId) || row.type === 'system' ? 0 : 1 })
  if (read) scope.emit({ type: 'chat.updated', id: key.chatId, fields: { unreadCount: 0 } })
}

function noticeEvents(message: WAMessage, key: MessageKey, scope: Scope): void {
  // WhatsApp redelivers; what a notice says was written in the commit of its row.
  if (scope.directory.typeOf(key) !== null) return
  scope.emit({ type: 'message.stored', message: toRow(message, key, noContent('system'), scope), touch: true })
  stubEvents(message, key, scope)
}

/** The name people give themselves comes with each message of theirs. */
function learnName(message: WAMessage, key: MessageKey, scope: Scope): void {
  if (key.sender === '') return
  const pushName = toFilledText(message.pushName)
  const verifiedName = toFilledText(message.verifiedBizName)
  if (pushName === null && verifiedName === null) return
  scope.people.names(authorOf(message.key, key.chatId, scope.directory, message.participant), {
    ...(pushName === null ? {} : { pushName }),
    ...(verifiedName === null ? {} : { verifiedName }),
  })
}
