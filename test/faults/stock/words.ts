import { isJidGroup, jidNormalizedUser, normalizeMessageContent, proto, type WAMessage } from '@whiskeysockets/baileys'
import type { Told } from './ledger.ts'

const { StubType } = proto.WebMessageInfo

/** What a message of `messages.upsert` has to tell, in the words that the checker looks for; null for what only machines say and for our own. */
export function toTold({ key, message, messageStubType }: WAMessage): Told | null {
  const chat = jidNormalizedUser(key.remoteJid ?? '')
  const sender = jidNormalizedUser((isJidGroup(chat) ? key.participant : chat) ?? '')
  if (key.fromMe || !key.id || chat === '' || sender === '') return null
  const place = { chat, id: key.id, sender }
  const told = (type: Told['type'], data: Record<string, unknown>): Told => ({ ...place, type, data })
  const content = normalizeMessageContent(message)
  if (!content) return messageStubType === StubType.CIPHERTEXT ? told('message.undecryptable', { message: { chatId: chat, id: key.id, sender } }) : null
  if (content.reactionMessage) {
    const { key: of, text } = content.reactionMessage
    return told('message.reaction', { key: { chatId: chat, id: of?.id }, emoji: text, from: sender })
  }
  if (content.protocolMessage) {
    const { type, key: of, editedMessage } = content.protocolMessage
    return type === proto.Message.ProtocolMessage.Type.MESSAGE_EDIT ? told('message.edited', { key: { chatId: chat, id: of?.id }, text: textOf(editedMessage) }) : null
  }
  const text = textOf(content)
  const type = wordless(content)
  return text === null && type === null ? null : told('message.received', { message: { chatId: chat, id: key.id, sender, type, text } })
}

/** The kind of a message that has no text of its own. */
function wordless({ ptvMessage, audioMessage, stickerMessage }: proto.IMessage): string | null {
  if (audioMessage) return audioMessage.ptt ? 'voice' : 'audio'
  return ptvMessage ? 'videoNote' : stickerMessage ? 'sticker' : null
}

function textOf(message: proto.IMessage | null | undefined): string | null {
  const content = normalizeMessageContent(message)
  return content?.conversation ?? content?.extendedTextMessage?.text ?? content?.imageMessage?.caption ?? content?.videoMessage?.caption ?? content?.documentMessage?.caption ?? null
}
