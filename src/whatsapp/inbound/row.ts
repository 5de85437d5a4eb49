import { proto, type WAMessage } from '@whiskeysockets/baileys'
import type { MessageState } from '../../../schemas/message.ts'
import type { MessageKey, MessageRow } from '../../store/store.ts'
import type { Content } from './content.ts'
import type { InboundContext } from './context.ts'
import { toPerson } from './scope.ts'
import { millisecondsToSeconds, toFilledText, toSeconds } from './values.ts'

const { Status, StubType } = proto.WebMessageInfo

/** Stubs that stand for a call; every other one but the undecryptable is a notice. */
const MISSED_CALLS: ReadonlySet<proto.WebMessageInfo.StubType> = new Set([
  StubType.CALL_MISSED_VOICE, StubType.CALL_MISSED_VIDEO, StubType.CALL_MISSED_GROUP_VOICE, StubType.CALL_MISSED_GROUP_VIDEO,
  StubType.SILENCED_UNKNOWN_CALLER_AUDIO, StubType.SILENCED_UNKNOWN_CALLER_VIDEO,
])

/** The kind of row that a message without content is. */
export function stubType(stub: proto.WebMessageInfo.StubType): 'call' | 'undecryptable' | 'system' {
  if (stub === StubType.CIPHERTEXT) return 'undecryptable'
  return MISSED_CALLS.has(stub) ? 'call' : 'system'
}

const STATES: ReadonlyMap<number, MessageState> = new Map<number, MessageState>([
  [Status.ERROR, 'failed'],
  [Status.PENDING, 'sending'],
  [Status.SERVER_ACK, 'sent'],
  [Status.DELIVERY_ACK, 'delivered'],
  [Status.READ, 'read'],
  [Status.PLAYED, 'played'],
])

/** Our state for WhatsApp's status number; null for none. */
export const toState = (status: number | null | undefined): MessageState | null => (status === null || status === undefined ? null : (STATES.get(status) ?? null))

/** Content of a message that nobody can show. */
export const noContent = (type: MessageRow['type']): Content => ({ type, text: null, content: null, media: null, quoted: null, mentions: [] })

/** The time of a message in Unix seconds; one without a credible time is from now. */
export const timestampOf = (message: Pick<WAMessage, 'messageTimestamp'>, nowMs: number): number => toSeconds(message.messageTimestamp) ?? Math.floor(nowMs / 1000)

/** The row of a message. Own messages without a status have reached the server: they came from there. */
export function toRow(message: WAMessage, key: MessageKey, content: Content, context: InboundContext): MessageRow {
  const timestamp = timestampOf(message, context.nowMs)
  const state = key.sender === '' ? (toState(message.status) ?? 'sent') : null
  return {
    chatId: key.chatId,
    id: key.id,
    sender: key.sender,
    type: content.type,
    text: content.text,
    content: content.content,
    timestamp,
    state,
    stateTimes: state === null || state === 'failed' || state === 'sending' ? {} : { sent: timestamp * 1000 },
    fingerprint: null,
    error: state === 'failed' ? (toFilledText(stubParameters(message)[0]) ?? null) : null,
    quoted: content.quoted,
    mentions: content.mentions,
    reactions: message.reactions?.length ? toReactions(message.reactions, context) : [],
    editedAt: null,
    deletedAt: null,
    media: content.media,
    raw: context.encode ? encode(message) : null,
  }
}

/** The texts that come with a notice; Baileys types them as anything. */
export function stubParameters(message: Pick<WAMessage, 'messageStubParameters'>): readonly string[] {
  const parameters: unknown = message.messageStubParameters
  return Array.isArray(parameters) ? parameters.filter((one) => typeof one === 'string') : []
}

/** The message as WhatsApp encodes it; null for one that protobuf refuses. */
export function encode(message: proto.IWebMessageInfo): Uint8Array | null {
  try {
    return proto.WebMessageInfo.encode(message).finish()
  } catch {
    return null
  }
}

function toReactions(reactions: readonly proto.IReaction[], { directory }: InboundContext): MessageRow['reactions'] {
  const last = new Map<string, MessageRow['reactions'][number]>()
  for (const { key, text, senderTimestampMs } of reactions) {
    const from = key?.fromMe === true ? '' : toPerson(directory, key?.participant ?? key?.remoteJid)
    const emoji = toFilledText(text)
    if (from === null) continue
    if (emoji === null) last.delete(from)
    else last.set(from, { from, emoji, timestamp: millisecondsToSeconds(senderTimestampMs) ?? 0 })
  }
  return [...last.values()]
}
