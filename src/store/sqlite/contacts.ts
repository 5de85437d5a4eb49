import { lidJid, lidOf, phoneJid, phoneOf } from '../../jid.ts'
import { contactId, mergedContacts, type Person } from '../rules/contacts.ts'
import type { ContactRow } from '../store.ts'
import type { Connection } from './connection.ts'
import type { Append, Rename, Writes } from './write.ts'

type Columns = [n: number, phone: string | null, lid: string | null, name: string | null, shortName: string | null, pushName: string | null, verifiedName: string | null]

interface StoredPerson extends Person {
  readonly n: number
}

const COLUMNS = 'n, phone, lid, name, short_name, push_name, verified_name'

const toPerson = ([n, phone, lid, name, shortName, pushName, verifiedName]: Columns): StoredPerson => ({ n, phone, lid, name, shortName, pushName, verifiedName })

const valuesOf = ({ phone, lid, name, shortName, pushName, verifiedName }: Person) => [phone, lid, name, shortName, pushName, verifiedName] as const

function personQueries(db: Connection) {
  const byPhone = db.query<Columns>(`SELECT ${COLUMNS} FROM contacts WHERE session = ? AND phone = ?`)
  const byLid = db.query<Columns>(`SELECT ${COLUMNS} FROM contacts WHERE session = ? AND lid = ?`)
  const one = (columns: Columns | null): StoredPerson | null => (columns === null ? null : toPerson(columns))
  return {
    byPhone: (sessionId: string, phone: string | null) => (phone === null ? null : one(byPhone.get(sessionId, phone))),
    byLid: (sessionId: string, lid: string | null) => (lid === null ? null : one(byLid.get(sessionId, lid))),
  }
}

/** Reads of stored contacts. */
export function contactQueries(db: Connection) {
  const people = personQueries(db)
  return {
    get: (sessionId: string, id: string): ContactRow | null => {
      const person = people.byPhone(sessionId, phoneOf(id)) ?? people.byLid(sessionId, lidOf(id))
      if (person === null) return null
      const { n: _, ...fields } = person
      return { id: contactId(person.phone, person.lid), ...fields }
    },
  }
}

/** What moves everything else of a person from the LID to the phone; `moveChat` says whether there was one. */
export interface AroundContacts {
  readonly moveChat: (sessionId: string, from: string, to: string) => boolean
  readonly moves: readonly Rename[]
  readonly append: Append
}

/** Writes of contacts. */
export function contactWrites(db: Connection, { moveChat, moves, append }: AroundContacts): Writes<'contact.merge'> {
  const people = personQueries(db)
  const insert = db.query('INSERT INTO contacts (session, phone, lid, name, short_name, push_name, verified_name) VALUES (?, ?, ?, ?, ?, ?, ?)')
  const update = db.query('UPDATE contacts SET phone = ?, lid = ?, name = ?, short_name = ?, push_name = ?, verified_name = ? WHERE n = ?')
  const remove = db.query('DELETE FROM contacts WHERE n = ?')
  /** False when the row is as it was. */
  const save = (stored: StoredPerson, person: Person): boolean => {
    const values = valuesOf(person)
    const changed = valuesOf(stored).some((value, index) => value !== values[index])
    if (changed) update.run(...values, stored.n)
    return changed
  }
  return {
    'contact.merge': (sessionId, change) => {
      const { phone, lid } = change
      if (phone === null && lid === null) return
      const byPhone = people.byPhone(sessionId, phone)
      const found = people.byLid(sessionId, lid)
      const byLid = found?.n === byPhone?.n ? null : found
      const { person, rest } = mergedContacts(change, byPhone, byLid)
      const takenUp = byLid !== null && rest === null && byPhone !== null
      // The other row goes first: two rows never hold one LID.
      if (byLid !== null && rest !== null) save(byLid, rest)
      else if (takenUp) remove.run(byLid.n)
      const place = byPhone ?? (rest === null ? byLid : null)
      if (place === null) insert.run(sessionId, ...valuesOf(person))
      if (place === null || save(place, person) || takenUp) append(sessionId, change.event)
      if (phone === null || lid === null) return
      const [from, to] = [lidJid(lid), phoneJid(phone)]
      const moved = moveChat(sessionId, from, to)
      for (const move of moves) move(sessionId, from, to)
      if (moved) append(sessionId, change.moved)
    },
  }
}
