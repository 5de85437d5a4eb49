import type { WAMessage, WAMessageKey } from '@whiskeysockets/baileys'
import { isBroadcast, isGroup, isNewsletter, STATUS_CHAT } from '../../jid.ts'
import type { MessageKey } from '../../store/store.ts'
import { isOwn, type Directory } from './directory.ts'
import type { People } from './people.ts'
import { resolve, toPerson } from './scope.ts'
import { toFilledText } from './values.ts'

/** Ids longer than this are nobody's honest message, and no path could name them. */
const MAX_ID_LENGTH = 256

/** The id of a message, null when it cannot be one. */
export function toMessageId(id: unknown): string | null {
  const text = toFilledText(id)
  return text === null || text.length > MAX_ID_LENGTH ? null : text
}

/** Takes what a key tells of persons: both forms of the chat's and the author's address. */
export function learnKey(key: WAMessageKey | null | undefined, people: People): void {
  if (!key) return
  people.pair(key.remoteJid, key.remoteJidAlt)
  people.pair(key.participant, key.participantAlt)
}

/** The canonical chat of a key: a message through a broadcast list belongs to the chat with its author. '' for none. */
export function chatOf(key: WAMessageKey, directory: Directory): string {
  const jid = key.remoteJid ?? ''
  if (isBroadcast(jid) && jid !== STATUS_CHAT && key.fromMe !== true) return resolve(directory, key.participant, key.participantAlt)
  return resolve(directory, jid)
}

/** Who wrote the message under a key, '' for ourselves: in a chat of two its other side, in a group the participant; a notice without author is the chat's own. */
export function authorOf(key: WAMessageKey, chatId: string, directory: Directory, participant?: string | null): string {
  if (key.fromMe === true) return ''
  if (isGroup(chatId) || chatId === STATUS_CHAT || isBroadcast(chatId)) return toPerson(directory, key.participant ?? participant, key.participantAlt) ?? chatId
  if (isNewsletter(chatId)) return chatId
  return otherSide(chatId, directory)
}

/** The key of a message's own row, or null when it names no message. */
export function keyOf(message: Pick<WAMessage, 'key' | 'participant'>, directory: Directory): MessageKey | null {
  const id = toMessageId(message.key?.id)
  if (id === null) return null
  const chatId = chatOf(message.key, directory)
  return chatId === '' ? null : { chatId, id, sender: authorOf(message.key, chatId, directory, message.participant) }
}

/**
 * The key of a message that another one names, in the words of its author: their `fromMe` is the author,
 * and what is neither theirs nor given a participant is, in a chat of two, the other side's.
 */
export function targetOf(target: WAMessageKey | null | undefined, carrier: MessageKey, directory: Directory): MessageKey | null {
  const id = toMessageId(target?.id)
  if (!target || id === null) return null
  return { chatId: carrier.chatId, id, sender: targetAuthor(target, carrier, directory) }
}

function targetAuthor(target: WAMessageKey, carrier: MessageKey, directory: Directory): string {
  if (target.fromMe === true) return carrier.sender
  const named = toPerson(directory, target.participant, target.participantAlt)
  if (named !== null) return named
  if (isGroup(carrier.chatId) || isBroadcast(carrier.chatId)) return carrier.sender
  return carrier.sender === '' ? otherSide(carrier.chatId, directory) : ''
}

/** The key of a message that another one names, where Baileys has already put it in our own words (reactions and poll votes). */
export function ownTargetOf(target: WAMessageKey | null | undefined, carrier: MessageKey, directory: Directory): MessageKey | null {
  const id = toMessageId(target?.id)
  if (!target || id === null) return null
  return { chatId: carrier.chatId, id, sender: target.fromMe === true ? '' : ownTargetAuthor(target, carrier, directory) }
}

function ownTargetAuthor(target: WAMessageKey, carrier: MessageKey, directory: Directory): string {
  if (!isGroup(carrier.chatId) && !isBroadcast(carrier.chatId)) return otherSide(carrier.chatId, directory)
  return toPerson(directory, target.participant, target.participantAlt) ?? carrier.sender
}

/** Who else writes in a chat of two; in the chat with ourselves, we do. */
const otherSide = (chatId: string, directory: Directory): string => (isOwn(chatId, directory.own) ? '' : chatId)
