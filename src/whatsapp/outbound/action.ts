import { proto } from '@whiskeysockets/baileys'
import type { DomainEvent } from '../../events/domain.ts'
import type { MessageKey } from '../../store/store.ts'
import { wireKey } from '../wire-key.ts'

/** What is done to a message that is there. */
export type Action =
  /** Null takes the reaction back. */
  | { readonly kind: 'reaction'; readonly emoji: string | null }
  | { readonly kind: 'edit'; readonly text: string }
  /** For everyone. */
  | { readonly kind: 'deletion' }

/** An action on its way: what waits in the outbox in the place of a message. `at` in Unix milliseconds. */
export interface Acting {
  readonly action: Action
  readonly target: MessageKey
  readonly at: number
}

/** An action as WhatsApp takes one: its content, and what goes into the stanza (lib/Socket/messages-send.js, sendMessage). */
export interface ActionStanza {
  readonly content: proto.IMessage
  readonly attributes: Readonly<Record<string, string>>
}

const { REVOKE, MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type

/** As the outbox keeps it; a message is kept in the same place without this field. */
export const actionText = (acting: Acting): string => JSON.stringify({ acting })

/** The action in what the outbox keeps, or null for a message. */
export const actingIn = (content: string): Acting | null => (JSON.parse(content) as { readonly acting?: Acting }).acting ?? null

/** The same action makes the same stanza, however often it is made. */
export function toActionStanza({ action, target, at }: Acting): ActionStanza {
  const key = wireKey(target)
  switch (action.kind) {
    case 'reaction':
      return { content: { reactionMessage: { key, text: action.emoji ?? '', senderTimestampMs: at } }, attributes: {} }
    case 'edit':
      return { content: { protocolMessage: { key, type: MESSAGE_EDIT, editedMessage: { extendedTextMessage: { text: action.text } }, timestampMs: at } }, attributes: { edit: '1' } }
    case 'deletion':
      // An admin deletes what somebody else wrote in a way of its own.
      return { content: { protocolMessage: { key, type: REVOKE } }, attributes: { edit: target.sender === '' ? '7' : '8' } }
  }
}

/** What has happened once WhatsApp's server has the action. */
export function toActionEvent({ action, target, at }: Acting): DomainEvent {
  switch (action.kind) {
    case 'reaction':
      return { type: 'message.reaction', key: target, from: '', emoji: action.emoji, timestamp: Math.floor(at / 1000) }
    case 'edit':
      return { type: 'message.edited', key: target, text: action.text, at, raw: editedRaw(target, action.text, at) }
    case 'deletion':
      return { type: 'message.deleted', key: target, by: '', at }
  }
}

/** The message as it would be sent now: whoever could not read it gets this text. */
const editedRaw = ({ chatId, id }: MessageKey, text: string, at: number): Uint8Array =>
  proto.WebMessageInfo.encode({ key: { remoteJid: chatId, fromMe: true, id }, message: { extendedTextMessage: { text } }, messageTimestamp: Math.floor(at / 1000) }).finish()
