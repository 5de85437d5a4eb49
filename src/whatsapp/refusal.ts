import { Problem } from '../errors.ts'
import { isGroup, isLid } from '../jid.ts'
import type { Reach } from './reach.ts'

/** Throws the problem of a chat that cannot be written to. */
export function refuse(reachable: Reach, chatId: string): void {
  if (reachable === 'absent') throw rejected('NOT_ON_WHATSAPP', chatId)
  if (reachable === 'forbidden') throw rejected('CHAT_NOT_WRITABLE', chatId)
}

/** The problem behind the error of a failed send. */
export function rejected(error: string, chatId: string): Problem {
  if (error === 'NOT_ON_WHATSAPP') return new Problem('NOT_ON_WHATSAPP', `${isLid(chatId) ? 'The person' : isGroup(chatId) ? 'The group' : 'The number'} ${chatId} is not on WhatsApp.`, { errors: [{ path: '/params/chat_id', message: 'is not on WhatsApp' }] })
  if (error === 'CHAT_NOT_WRITABLE') return new Problem('CHAT_NOT_WRITABLE', `This account cannot write to ${chatId}.`, { errors: [{ path: '/params/chat_id', message: 'cannot be written to' }] })
  if (error === 'WHATSAPP_UNAVAILABLE') return new Problem('WHATSAPP_UNAVAILABLE', 'WhatsApp did not answer; the message was not sent.', { retryAfterSeconds: 5 })
  return new Problem('MESSAGE_REJECTED', `The message was not sent: ${error}.`)
}
