import type { SendMessage } from '../../../schemas/send-message.ts'
import { canonicalPersonId } from '../../chats/identity.ts'
import { Problem } from '../../errors.ts'
import { phoneJid } from '../../jid.ts'
import type { SessionRow, Store } from '../../store/store.ts'
import type { Answered, References } from './context.ts'

/** Looks up what a message refers to. VALIDATION_FAILED for a mention that is no person, MESSAGE_NOT_FOUND for an answer to nothing. */
export async function referencesOf(store: Store, session: SessionRow, chatId: string, message: SendMessage, expirationSeconds: number | null): Promise<References> {
  const named = message.type === 'text' ? (message.mentions ?? []) : []
  const mentions = await Promise.all(named.map((text, place) => canonicalPersonId(store, session, text, `/body/mentions/${place}`)))
  return { mentions: [...new Set(mentions)], answered: message.replyTo === undefined ? null : await answeredBy(store, session, chatId, message.replyTo), expirationSeconds }
}

async function answeredBy(store: Store, session: SessionRow, chatId: string, id: string): Promise<Answered> {
  const row = await store.messages.get(session.id, chatId, id)
  if (row === null) throw new Problem('MESSAGE_NOT_FOUND', `Chat '${chatId}' has no message '${id}' to answer.`, { errors: [{ path: '/body/replyTo', message: 'names no message of this chat' }] })
  return { row, writer: row.sender === '' ? phoneJid(session.user?.phone ?? '') : row.sender }
}
