import { proto } from '@whiskeysockets/baileys'
import type { MessageRow } from '../../store/store.ts'

/** The message that is answered, and the JID of who wrote it. */
export interface Answered {
  readonly row: MessageRow
  readonly writer: string
}

/** What a message may refer to. */
export interface References {
  /** JIDs. */
  readonly mentions: readonly string[]
  readonly answered: Answered | null
  /** Seconds after which the messages of the chat disappear. */
  readonly expirationSeconds: number | null
}

/** What WhatsApp knows of a message besides its content; null where that is nothing. */
export function toContext({ mentions, answered, expirationSeconds }: References): proto.IContextInfo | null {
  const context: proto.IContextInfo = {
    ...(mentions.length > 0 && { mentionedJid: [...mentions] }),
    ...(answered !== null && { stanzaId: answered.row.id, participant: answered.writer, quotedMessage: quotedOf(answered.row) }),
    // A message in a chat with a disappearing timer says so itself.
    ...(expirationSeconds !== null && expirationSeconds > 0 && { expiration: expirationSeconds }),
  }
  return Object.keys(context).length === 0 ? null : context
}

/** The content of what is answered, without what that answers in turn. */
function quotedOf({ raw, text }: MessageRow): proto.IMessage {
  const stored = raw === null ? null : proto.WebMessageInfo.decode(raw).message
  const { messageContextInfo: _secret, ...content } = proto.Message.toObject(proto.Message.fromObject(stored ?? { conversation: text ?? '' })) as proto.IMessage
  for (const part of Object.values(content)) if (typeof part === 'object' && part !== null && 'contextInfo' in part) delete (part as { contextInfo?: unknown }).contextInfo
  return content
}

/** The content with its context, wherever its kind keeps that. */
export const withContext = (content: proto.IMessage, context: proto.IContextInfo | null): proto.IMessage =>
  context === null ? content : Object.fromEntries(Object.entries(content).map(([kind, part]) => [kind, { ...(part as object), contextInfo: context }]))
