import type { ChatModification, WAMessageKey, WASocket } from '@whiskeysockets/baileys'
import type { ChatChange, ChatPresence } from '../../../schemas/chat-change.ts'
import type { DomainEvent } from '../../events/domain.ts'
import type { MessageKey, MessageView } from '../../store/store.ts'
import { wireKey } from '../wire-key.ts'

/** Unread messages that others are told to be read, at most. */
export const MOST_READ = 200

/** WhatsApp wants to know up to which message a change goes. */
const upTo = (newest: MessageView | null): { key: WAMessageKey; messageTimestamp: number }[] => (newest === null ? [] : [{ key: wireKey(newest), messageTimestamp: newest.timestamp }])

/** Writes a change of a chat into the account's settings, which all its devices share; answers what has changed. `newest` is the chat's newest message. */
export async function changeChat(socket: WASocket, chatId: string, change: ChatChange, newest: MessageView | null): Promise<DomainEvent> {
  const nowMs = Date.now()
  const { archived, pinned, mutedUntil, unread } = change
  const muteEnd = mutedUntil === undefined || mutedUntil === null ? null : Date.parse(mutedUntil)
  const steps: ChatModification[] = [
    ...(archived === undefined ? [] : [{ archive: archived, lastMessages: upTo(newest) }]),
    ...(pinned === undefined ? [] : [{ pin: pinned }]),
    ...(mutedUntil === undefined ? [] : [{ mute: muteEnd }]),
    ...(unread === undefined ? [] : [{ markRead: !unread, lastMessages: upTo(newest) }]),
  ]
  for (const step of steps) await socket.chatModify(step, chatId)
  return {
    type: 'chat.updated', id: chatId,
    fields: {
      ...(archived === undefined ? {} : { archived }),
      ...(pinned === undefined ? {} : { pin: pinned ? Math.floor(nowMs / 1000) : null }),
      ...(mutedUntil === undefined ? {} : { mute: muteEnd === null ? null : Math.floor(muteEnd / 1000) }),
      ...(unread === undefined ? {} : { unreadCount: unread ? -1 : 0 }),
    },
  }
}

/** Takes the chat off the account's devices. */
export async function deleteChat(socket: WASocket, chatId: string, newest: MessageView | null): Promise<DomainEvent> {
  await socket.chatModify({ delete: true, lastMessages: upTo(newest) }, chatId)
  return { type: 'chat.deleted', id: chatId }
}

/** Tells the writers of these messages that they were read, as far as the account's privacy allows. */
export async function readChat(socket: WASocket, chatId: string, unread: readonly MessageKey[]): Promise<DomainEvent> {
  if (unread.length > 0) await socket.readMessages(unread.map(wireKey))
  return { type: 'chat.updated', id: chatId, fields: { unreadCount: 0 } }
}

/** Marks a message, or no longer. */
export async function starMessage(socket: WASocket, { chatId, id, sender }: MessageKey, starred: boolean): Promise<DomainEvent> {
  const key = { chatId, id, sender }
  await socket.chatModify({ star: { messages: [{ id: key.id, fromMe: key.sender === '' }], star: starred } }, key.chatId)
  return { type: 'message.starred', key, starred }
}

/** Takes a message off the account's own devices. */
export async function removeMessage(socket: WASocket, message: MessageView): Promise<DomainEvent> {
  await socket.chatModify({ deleteForMe: { deleteMedia: true, key: wireKey(message), timestamp: message.timestamp } }, message.chatId)
  return { type: 'message.removed', key: { chatId: message.chatId, id: message.id, sender: message.sender } }
}

/** Shows somebody that the account types, records, or has stopped. */
export const showPresence = (socket: WASocket, chatId: string, { state }: ChatPresence): Promise<void> => socket.sendPresenceUpdate(state, chatId)
