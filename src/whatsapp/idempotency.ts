import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { SendMessage } from '../../schemas/send-message.ts'
import type { SessionRow } from '../store/store.ts'

/** Message ids in the form WhatsApp Web gives them: `3EB0` and 18 upper-case hex digits. */
const PREFIX = '3EB0'
const ID_BYTES = 9

const toId = (bytes: Buffer): string => `${PREFIX}${bytes.subarray(0, ID_BYTES).toString('hex').toUpperCase()}`

/** A fresh message id. */
export const newMessageId = (): string => toId(randomBytes(ID_BYTES))

/** The message id of an idempotency key: the same key always gives the same id, and the id tells nothing of the key. */
export const idFor = ({ secret }: SessionRow, key: string): string => toId(createHmac('sha256', secret).update(key).digest())

/** What a key stands for: the chat and the body, whatever the order of its fields and whether a text says that it is one. */
export function fingerprintOf(chatId: string, message: SendMessage): string {
  const fields = Object.entries(message).filter(([name, value]) => name !== 'type' || value !== 'text').toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify([chatId, fields])).digest('base64url')
}
