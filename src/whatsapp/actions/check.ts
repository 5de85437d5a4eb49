import type { WASocket } from '@whiskeysockets/baileys'
import type { ContactCheck } from '../../../schemas/contact-check.ts'
import { variantsOf } from '../../contacts/variants.ts'
import { Problem } from '../../errors.ts'
import { normalizeJid, phoneJid, phoneOf } from '../../jid.ts'

/** Questions on their way at the same time. */
const AT_ONCE = 5

/** Asks WhatsApp which of these numbers have an account. WHATSAPP_UNAVAILABLE when it does not say. */
export async function checkContacts(socket: WASocket, phones: readonly string[]): Promise<ContactCheck[]> {
  const checks: ContactCheck[] = []
  for (let from = 0; from < phones.length; from += AT_ONCE) checks.push(...(await Promise.all(phones.slice(from, from + AT_ONCE).map((asked) => check(socket, asked)))))
  return checks
}

async function check(socket: WASocket, asked: string): Promise<ContactCheck> {
  const answers = await socket.onWhatsApp(...variantsOf(asked.replace('+', '')).map(phoneJid))
  if (answers === undefined) throw new Problem('WHATSAPP_UNAVAILABLE', 'WhatsApp did not say who has an account.', { retryAfterSeconds: 5 })
  const id = normalizeJid(answers.find(({ exists }) => exists)?.jid)
  return { asked, onWhatsApp: id !== null, id, phone: id === null ? null : phoneOf(id) }
}
