import type { Person } from '../../schemas/person.ts'
import { lidJid, lidOf, phoneJid, phoneOf } from '../jid.ts'
import type { ContactRow, SessionRow, Store } from '../store/store.ts'

/** Tells who is behind a stored id; `''` is the session's own account. */
export type People = (id: string) => Person

/** Everybody behind these ids, read in one go. */
export async function peopleOf(store: Store, session: Pick<SessionRow, 'id' | 'user'>, ids: Iterable<string>): Promise<People> {
  const asked = [...new Set(ids)].filter((id) => id !== '')
  const rows = asked.length === 0 ? new Map<string, ContactRow>() : await store.contacts.get(session.id, asked)
  const me = toOwnPerson(session.user)
  return (id) => (id === '' || isOwn(session.user, id) ? me : toPerson(id, rows.get(id)))
}

/** A person from what is stored of them, or from the id alone. */
export const toPerson = (id: string, row: ContactRow | undefined): Person => ({
  id: row?.id ?? id,
  phone: row?.phone ?? phoneOf(id),
  lid: row?.lid ?? lidOf(id),
  name: row ? nameOf(row) : null,
})

/** The name in the address book, else the name people gave themselves. */
export const nameOf = (row: ContactRow): string | null => row.name ?? row.pushName

/** The account of a session; of one that was never linked nothing is known. */
export const toOwnPerson = (user: SessionRow['user']): Person =>
  user === null ? { id: '', phone: null, lid: null, name: null } : { id: phoneJid(user.phone), phone: user.phone, lid: user.lid, name: user.name }

/** Whether the id is the session's own account. */
export const isOwn = (user: SessionRow['user'], id: string): boolean => user !== null && (id === phoneJid(user.phone) || (user.lid !== null && id === lidJid(user.lid)))
