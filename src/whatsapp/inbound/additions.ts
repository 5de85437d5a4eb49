import { proto, type WAMessage } from '@whiskeysockets/baileys'
import type { DomainEvent } from '../../events/domain.ts'
import { isGroup } from '../../jid.ts'
import type { MessageKey } from '../../store/store.ts'
import { ownTargetOf, targetOf } from './address.ts'
import { open } from './content.ts'
import { groupChanged } from './group-events.ts'
import { encode, timestampOf } from './row.ts'
import type { Scope } from './scope.ts'
import { millisecondsToSeconds, toCount, toFilledText, toMilliseconds } from './values.ts'

const { Type } = proto.Message.ProtocolMessage
const PIN = proto.Message.PinInChatMessage.Type.PIN_FOR_ALL
const KEEP = proto.KeepType.KEEP_FOR_ALL
const { MESSAGE_EDIT } = proto.Message.SecretEncryptedMessage.SecretEncType

/** Ten years: no timer runs longer. */
const MAX_EPHEMERAL_SECONDS = 315_360_000

/** Tells what a message does to another one. `content` is the opened message, `key` its own key. */
export function additionEvents(message: WAMessage, content: proto.IMessage, key: MessageKey, scope: Scope): void {
  const seconds = timestampOf(message, scope.nowMs)
  if (content.protocolMessage) protocolEvents(message, content.protocolMessage, key, scope)
  else {
    const event = additionEvent(content, key, seconds, scope)
    if (event !== null) scope.emit(event)
  }
}

function additionEvent(content: proto.IMessage, carrier: MessageKey, seconds: number, { directory }: Scope): DomainEvent | null {
  const { reactionMessage, pollUpdateMessage, pinInChatMessage, keepInChatMessage, encEventResponseMessage } = content
  const by = carrier.sender
  if (reactionMessage) {
    const key = ownTargetOf(reactionMessage.key, carrier, directory)
    return key && reactionEvent(key, by, reactionMessage, seconds)
  }
  if (pollUpdateMessage) {
    const key = ownTargetOf(pollUpdateMessage.pollCreationMessageKey, carrier, directory)
    const { encPayload: payload, encIv: iv } = pollUpdateMessage.vote ?? {}
    return key && payload && iv ? { type: 'message.poll_voted', key, by, at: toAt(pollUpdateMessage.senderTimestampMs, seconds), vote: { sealed: { payload, iv } } } : null
  }
  if (pinInChatMessage) {
    const key = targetOf(pinInChatMessage.key, carrier, directory)
    return key && { type: 'message.pinned', key, by, pinned: pinInChatMessage.type === PIN, at: toAt(pinInChatMessage.senderTimestampMs, seconds) }
  }
  if (keepInChatMessage) {
    const key = targetOf(keepInChatMessage.key, carrier, directory)
    return key && { type: 'message.kept', key, by, kept: keepInChatMessage.keepType === KEEP, at: toAt(keepInChatMessage.timestampMs, seconds) }
  }
  if (encEventResponseMessage) {
    const key = targetOf(encEventResponseMessage.eventCreationMessageKey, carrier, directory)
    const { encPayload: payload, encIv: iv } = encEventResponseMessage
    return key && payload && iv ? { type: 'message.event_answered', key, by, at: seconds * 1000, answer: { sealed: { payload, iv } } } : null
  }
  return sealedEvent(content, carrier, seconds, directory)
}

function sealedEvent(content: proto.IMessage, carrier: MessageKey, seconds: number, directory: Scope['directory']): DomainEvent | null {
  const { encReactionMessage, encCommentMessage, secretEncryptedMessage } = content
  const key = targetOf((encReactionMessage ?? encCommentMessage ?? secretEncryptedMessage)?.targetMessageKey, carrier, directory)
  const addition = encReactionMessage ? 'reaction' : encCommentMessage ? 'comment' : secretEncryptedMessage?.secretEncType === MESSAGE_EDIT ? 'edit' : 'other'
  return key && { type: 'message.sealed_addition', key, by: carrier.sender, at: seconds * 1000, addition }
}

/** A reaction, or its taking back. */
export function reactionEvent(key: MessageKey, from: string, reaction: proto.IReaction, seconds: number): DomainEvent {
  return { type: 'message.reaction', key, from, emoji: toFilledText(reaction.text), timestamp: millisecondsToSeconds(reaction.senderTimestampMs) ?? seconds }
}

function protocolEvents(message: WAMessage, protocol: proto.Message.IProtocolMessage, carrier: MessageKey, scope: Scope): void {
  const seconds = timestampOf(message, scope.nowMs)
  switch (protocol.type) {
    case Type.REVOKE: {
      const key = targetOf(protocol.key, carrier, scope.directory)
      if (key && mayDelete(carrier, key, scope)) scope.emit({ type: 'message.deleted', key, by: carrier.sender, at: seconds * 1000 })
      return
    }
    case Type.MESSAGE_EDIT: {
      const target = targetOf(protocol.key, carrier, scope.directory)
      if (target === null || (protocol.key?.participant && target.sender !== carrier.sender)) return
      const at = (millisecondsToSeconds(protocol.timestampMs) ?? seconds) * 1000
      const event = editEvent({ ...target, sender: carrier.sender }, message, protocol.editedMessage, at, scope)
      if (event !== null) scope.emit(event)
      return
    }
    case Type.EPHEMERAL_SETTING:
      timerEvents(carrier, toCount(protocol.ephemeralExpiration, MAX_EPHEMERAL_SECONDS) || null, seconds, scope)
      return
    default:
  }
}

function timerEvents(carrier: MessageKey, ephemeralExpiration: number | null, seconds: number, scope: Scope): void {
  scope.emit({ type: 'chat.updated', id: carrier.chatId, fields: { ephemeralExpiration, ephemeralSettingTimestamp: seconds } })
  if (isGroup(carrier.chatId)) groupChanged(carrier.chatId, { ephemeralExpiration }, carrier.sender, scope)
}

/** Only the author edits: the key names the message with that id by who edits it. Null for an edit that shows nothing. */
export function editEvent(key: MessageKey, carrier: WAMessage, edited: proto.IMessage | null | undefined, at: number, scope: Scope): DomainEvent | null {
  const opened = open(edited)
  if (opened.kind !== 'content') return null
  const { text, media } = opened.reading
  return { type: 'message.edited', key, text: toFilledText(text), at, raw: scope.encode && mayReplace(media) ? encode(editedMessage(key.id, carrier, edited)) : null }
}

/** An edited caption often comes without the file it belongs to; then the file as it was is worth more than the new bytes. */
const mayReplace = (media: object | null | undefined): boolean => !media || ('mediaKey' in media && media.mediaKey instanceof Uint8Array && media.mediaKey.length > 0)

const editedMessage = (id: string, carrier: WAMessage, message: proto.IMessage | null | undefined): proto.IWebMessageInfo => ({
  key: { ...carrier.key, id },
  message: message ?? null,
  messageTimestamp: carrier.messageTimestamp ?? null,
  participant: carrier.participant ?? null,
  pushName: carrier.pushName ?? null,
})

/** A message is deleted by its author, or in a group by an admin; our own phone knows what it may. */
function mayDelete(carrier: MessageKey, key: MessageKey, { directory, groups }: Scope): boolean {
  if (carrier.sender === key.sender || carrier.sender === '') return true
  if (!isGroup(carrier.chatId)) return false
  const author = (groups.get(carrier.chatId) ?? directory.group(carrier.chatId))?.participants.find(({ id }) => id === carrier.sender)
  return author !== undefined && author.role !== 'member'
}

const toAt = (milliseconds: unknown, seconds: number): number => toMilliseconds(milliseconds) ?? seconds * 1000
