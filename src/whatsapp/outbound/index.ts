import { randomBytes } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'
import type { MessageType, SendMessage } from '../../../schemas/message.ts'
import type { MessageRow } from '../../store/store.ts'
import { toText } from './text.ts'

/** What a send looks like on the wire, and how it is named in the API. */
export interface Outbound {
  readonly type: MessageType
  readonly text: string | null
  readonly content: proto.IMessage
}

/** Converts what the API takes into what WhatsApp takes. */
export const toOutbound = (message: SendMessage, expirationSeconds: number | null): Outbound => ({
  type: 'text',
  text: message.text,
  content: withSecret(withExpiration(toText(message), expirationSeconds)),
})

/** The row of an accepted send. */
export function toQueuedRow(id: string, chatId: string, { type, text, content }: Outbound, nowMs: number): MessageRow {
  const timestamp = Math.floor(nowMs / 1000)
  const raw = proto.WebMessageInfo.encode({ key: { remoteJid: chatId, fromMe: true, id }, message: content, messageTimestamp: timestamp }).finish()
  return {
    chatId, id, sender: '', type, text, timestamp, raw,
    state: 'queued', stateTimes: { queued: nowMs }, error: null, fingerprint: null,
    quoted: null, mentions: [], reactions: [], editedAt: null, deletedAt: null, media: null,
  }
}

/** Reporting and later answers (reactions to polls, edits) hang on a secret that every message carries. */
const withSecret = (content: proto.IMessage): proto.IMessage => ({ ...content, messageContextInfo: { messageSecret: randomBytes(32) } })

/** A message in a chat with a disappearing timer says so itself. */
function withExpiration(content: proto.IMessage, expirationSeconds: number | null): proto.IMessage {
  if (!expirationSeconds || !content.extendedTextMessage) return content
  return { ...content, extendedTextMessage: { ...content.extendedTextMessage, contextInfo: { ...content.extendedTextMessage.contextInfo, expiration: expirationSeconds } } }
}
