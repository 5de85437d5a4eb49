import { randomBytes } from 'node:crypto'
import { proto, type BinaryNode } from '@whiskeysockets/baileys'
import type { SendMessage } from '../../../schemas/send-message.ts'
import type { MessageRow } from '../../store/store.ts'
import { open } from '../inbound/content.ts'
import { toFilledText } from '../inbound/values.ts'
import { toWire } from './contents.ts'
import { toContext, withContext, type References } from './context.ts'

/** Converts what the API takes into what WhatsApp takes. */
export const toOutbound = (message: SendMessage, references: References, nowMs: number): proto.IMessage => withSecret(withContext(toWire(message, nowMs), toContext(references)))

/** The row of an accepted send: what it says is read from what is sent, as it would be of anybody's. */
export function toQueuedRow(id: string, chatId: string, content: proto.IMessage, { mentions, answered }: References, nowMs: number): MessageRow {
  const timestamp = Math.floor(nowMs / 1000)
  const raw = proto.WebMessageInfo.encode({ key: { remoteJid: chatId, fromMe: true, id }, message: content, messageTimestamp: timestamp }).finish()
  const opened = open(content)
  const reading = opened.kind === 'content' ? opened.reading : { type: 'unsupported' as const }
  return {
    chatId, id, sender: '', type: reading.type, text: toFilledText(reading.text), content: reading.content ?? null, timestamp, raw,
    state: 'queued', stateTimes: { queued: nowMs }, error: null, fingerprint: null,
    quoted: answered === null ? null : { id: answered.row.id, sender: answered.row.sender, type: answered.row.type, text: answered.row.text },
    mentions, reactions: [], editedAt: null, deletedAt: null, media: null,
  }
}

/** Reporting and later answers (votes, answers to events, edits) hang on a secret that every message carries. */
const withSecret = (content: proto.IMessage): proto.IMessage => ({ ...content, messageContextInfo: { messageSecret: randomBytes(32) } })

/** What goes into the stanza beside the content (lib/Socket/messages-send.js, sendMessage). */
export function stanzaNodes(content: proto.IMessage): BinaryNode[] {
  if (content.pollCreationMessage || content.pollCreationMessageV3) return [{ tag: 'meta', attrs: { polltype: 'creation' } }]
  if (content.eventMessage) return [{ tag: 'meta', attrs: { event_type: 'creation' } }]
  return []
}
