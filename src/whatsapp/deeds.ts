import type { WASocket } from '@whiskeysockets/baileys'
import type { ChatChange, ChatPresence } from '../../schemas/chat-change.ts'
import type { ContactCheck } from '../../schemas/contact-check.ts'
import { messageNotFound, Problem } from '../errors.ts'
import type { DomainEvent } from '../events/domain.ts'
import { record } from '../events/record.ts'
import type { Log } from '../log.ts'
import type { ChatRow, MessageKey, MessageView, SessionRow, Store } from '../store/store.ts'
import { changeChat, deleteChat, MOST_READ, readChat, removeMessage, showPresence, starMessage } from './actions/chats.ts'
import { checkContacts } from './actions/check.ts'

/** What is done at once, over an open connection. CHAT_NOT_FOUND, MESSAGE_NOT_FOUND, NOT_LINKED, NOT_CONNECTED, WHATSAPP_UNAVAILABLE. */
export interface Deeds {
  changeChat(id: string, chatId: string, change: ChatChange): Promise<void>
  deleteChat(id: string, chatId: string): Promise<void>
  readChat(id: string, chatId: string): Promise<void>
  starMessage(id: string, chatId: string, messageId: string, starred: boolean): Promise<void>
  /** For the account alone. */
  removeMessage(id: string, chatId: string, messageId: string): Promise<void>
  showPresence(id: string, chatId: string, presence: ChatPresence): Promise<void>
  /** Which of these numbers have an account, in their order. */
  checkContacts(id: string, phones: readonly string[]): Promise<ContactCheck[]>
}

/** What deeds are done with. */
export interface DeedParts {
  readonly log: Log
  /** The session, which must be linked. */
  linked(id: string): Promise<SessionRow>
  socketOf(id: string): WASocket | null
  /** What writes only while the session runs here. */
  storeOf(id: string): Store
}

/** What has happened is stored when WhatsApp has taken it: it tells a device nothing of its own changes. */
export function deeds({ log, linked, socketOf, storeOf }: DeedParts): Deeds {
  async function ask<Answer>(id: string, work: (socket: WASocket) => Promise<Answer>): Promise<Answer> {
    await linked(id)
    const socket = socketOf(id)
    if (socket === null) throw new Problem('NOT_CONNECTED', `Session '${id}' is linked but not connected right now.`, { retryAfterSeconds: 5 })
    try {
      return await work(socket)
    } catch (error) {
      if (error instanceof Problem) throw error
      log.warn({ session: id, error: (error as Error).name }, 'WhatsApp refused what was to be done')
      throw new Problem('WHATSAPP_UNAVAILABLE', 'WhatsApp refused that, or did not answer in time.', { retryAfterSeconds: 5, cause: error })
    }
  }

  /** The same, and stores what has happened. */
  async function over(id: string, work: (socket: WASocket) => Promise<DomainEvent>): Promise<void> {
    const event = await ask(id, work)
    await storeOf(id).commit(id, record(event, Date.now()))
  }

  async function chatOf(id: string, chatId: string): Promise<{ chat: ChatRow; newest: MessageView | null }> {
    const store = storeOf(id)
    const chat = await store.chats.get(id, chatId)
    if (chat === null) throw new Problem('CHAT_NOT_FOUND', `Session '${id}' has no chat '${chatId}'.`)
    return { chat, newest: (await store.messages.page(id, chatId, { limit: 1, cursor: null })).rows[0] ?? null }
  }

  async function unreadOf(id: string, { id: chatId, unreadCount }: ChatRow): Promise<readonly MessageKey[]> {
    if (unreadCount <= 0) return []
    const { rows } = await storeOf(id).messages.page(id, chatId, { limit: MOST_READ, cursor: null })
    return rows.filter(({ sender, type }) => sender !== '' && type !== 'system').slice(0, unreadCount)
  }

  async function messageOf(id: string, chatId: string, messageId: string): Promise<MessageView> {
    const message = await storeOf(id).messages.get(id, chatId, messageId)
    if (message === null) throw messageNotFound(chatId, messageId)
    return message
  }

  return {
    async changeChat(id, chatId, change) {
      // One by one, so that what WhatsApp took is stored even where it refuses the next.
      for (const [field, value] of Object.entries(change)) await over(id, async (socket) => changeChat(socket, chatId, { [field]: value }, (await chatOf(id, chatId)).newest))
    },
    deleteChat: (id, chatId) => over(id, async (socket) => deleteChat(socket, chatId, (await chatOf(id, chatId)).newest)),
    readChat: (id, chatId) => over(id, async (socket) => readChat(socket, chatId, await unreadOf(id, (await chatOf(id, chatId)).chat))),
    starMessage: (id, chatId, messageId, starred) => over(id, async (socket) => starMessage(socket, await messageOf(id, chatId, messageId), starred)),
    removeMessage: (id, chatId, messageId) => over(id, async (socket) => removeMessage(socket, await messageOf(id, chatId, messageId))),
    showPresence: (id, chatId, presence) => ask(id, (socket) => showPresence(socket, chatId, presence)),
    checkContacts: (id, phones) => ask(id, (socket) => checkContacts(socket, phones)),
  }
}
