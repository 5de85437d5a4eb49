import { invalidField } from '../errors.ts'
import { isLid, isPerson, lidOf, parseChatId, phoneJid } from '../jid.ts'
import type { SessionRow, Store } from '../store/store.ts'

const WORDS = 'must be a JID, +E.164 or digits'

/** The canonical id of a chat that a caller named in any form: a LID whose phone is known is the phone's chat. A text that is no id is a VALIDATION_FAILED problem about `path`. */
export async function canonicalChatId(store: Store, session: SessionRow, text: string, path = '/params/chat_id'): Promise<string> {
  const id = parseChatId(text)
  if (id === null) throw invalidField(path, WORDS)
  if (!isLid(id)) return id
  if (session.user?.lid && session.user.lid === lidOf(id)) return phoneJid(session.user.phone)
  return (await store.contacts.get(session.id, [id])).get(id)?.id ?? id
}

/** The same for an id that must be a person's. */
export async function canonicalPersonId(store: Store, session: SessionRow, text: string, path = '/params/chat_id'): Promise<string> {
  const id = await canonicalChatId(store, session, text, path)
  if (!isPerson(id)) throw invalidField(path, 'must be a person, not a group or channel')
  return id
}
