import { jidNormalizedUser, type BaileysEventMap, type WAMessage } from '@whiskeysockets/baileys'
import type { Change } from '../../store/store.ts'
import { newest } from '../cache.ts'

/** Messages whose emission by Baileys is still awaited. */
const MAX_MESSAGES = 10_000
/** People whose last written name is known. */
const MAX_PEOPLE = 1000

type ChatUpdate = BaileysEventMap['chats.update'][number]
type ContactUpdate = BaileysEventMap['contacts.update'][number]

/** What Baileys tells again of messages that were written together with their ratchet step. */
export interface Echoes {
  /** The message was written, with these rows. */
  wrote(message: WAMessage, changes: readonly Change[]): void
  /** True, once, for a message that was written: what Baileys emits of it later is old. */
  isMessage(message: WAMessage): boolean
  /** True for the step that a written message makes its chat take (lib/Utils/process-message.js): its row took it too. */
  isChat(update: ChatUpdate): boolean
  /** True for the name that came with the message written last of this person (lib/Socket/chats.js, upsertMessage). */
  isContact(update: ContactUpdate): boolean
  /** Others tell names too: none is an echo until it is written again. */
  forgetNames(): void
}

/** Everything that Baileys puts into such a step of a chat. */
const OF_A_STEP: ReadonlySet<string> = new Set(['id', 'messages', 'conversationTimestamp', 'unreadCount'])

/** The echoes of one socket. */
export function echoes(): Echoes {
  /** By {@link keyOf}: the time that the chat was given, -1 for none. */
  const messages = newest<{ readonly chatTime: number }>(MAX_MESSAGES)
  const names = newest<string>(MAX_PEOPLE)
  return {
    wrote(message, changes) {
      const put = changes.find((change) => change.kind === 'message.put' && change.touch !== undefined)
      const row = put?.kind === 'message.put' ? put.message : undefined
      messages.set(keyOf(message), { chatTime: row?.timestamp ?? -1 })
      // As Baileys names the author: in a direct chat the participant is ''.
      const author = row && row.sender !== '' ? message.key.participant || message.key.remoteJid : null
      if (author && message.pushName) names.set(jidNormalizedUser(author), nameOf(message.pushName, message.verifiedBizName))
    },
    isMessage: (message) => messages.delete(keyOf(message)),
    isChat(update) {
      if (!update.messages?.length || !Object.keys(update).every((name) => OF_A_STEP.has(name))) return false
      // Read or marked as unread meanwhile: that is no message's doing.
      if (update.unreadCount !== undefined && !((update.unreadCount ?? 0) > 0)) return false
      return update.messages.every(({ message }) => message !== null && message !== undefined && (messages.get(keyOf(message as WAMessage))?.chatTime ?? -1) >= Number(update.conversationTimestamp))
    },
    isContact(update) {
      const { id = '', notify, verifiedName } = update
      const isEcho = Object.keys(update).every((name) => OF_A_NAME.has(name)) && typeof notify === 'string' && names.get(id) === nameOf(notify, verifiedName)
      // What is told now may be another name: the next echo is looked at.
      if (!isEcho) names.delete(id)
      return isEcho
    },
    forgetNames: () => names.clear(),
  }
}

const OF_A_NAME: ReadonlySet<string> = new Set(['id', 'notify', 'verifiedName'])

const nameOf = (name: string, verifiedName: string | null | undefined): string => `${name.length} ${name} ${verifiedName ?? '\0'}`

const keyOf = ({ key }: WAMessage): string => `${key.remoteJid} ${key.participant ?? ''} ${key.fromMe === true} ${key.id}`
