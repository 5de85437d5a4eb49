import { contactReader as storedContacts, highestKey, journalLists, sessionLists, type Reading } from '../reading.ts'
import type { AuthReader, ContactReader, ContactRow, JournalReader, SessionReader, SessionRow } from '../store.ts'
import { key } from '../touched.ts'
import { authQueries } from './auth.ts'
import type { Connection } from './connection.ts'
import { contactsAtHand } from './contacts-at-hand.ts'
import { contactQueries } from './contacts.ts'
import { journalIndex } from './journal-index.ts'
import { journalQueries } from './journal.ts'
import { sessionQueries } from './sessions.ts'

/** Sessions: one by its id is known before it is durable, and at hand after, since every request asks for its own. */
export function sessionReader(db: Connection, read: Reading): SessionReader {
  const stored = sessionQueries(db)
  const kept = new Map<string, { readonly row: SessionRow; readonly step: number }>()
  const one = (id: string): SessionRow | null => {
    const step = read.pending.sessionStep(id)
    const known = kept.get(id)
    if (known?.step === step) return known.row
    const row = stored.get(id)
    if (row === null) kept.delete(id)
    else kept.set(id, { row, step })
    return row
  }
  return {
    get: async (id) => {
      const row = read.pending.sessionRow(id)
      return read.now(() => (row === undefined ? one(id) : row))
    },
    ...sessionLists(stored, read),
  }
}

/** Keys: known before they are durable, so that no encryption waits for the disk. */
export function authReader(db: Connection, read: Reading): AuthReader {
  const stored = authQueries(db)
  return {
    get: async (sessionId, type, ids) =>
      read.now(() => {
        const values = new Map<string, string>()
        for (const id of ids) {
          const enqueued = read.pending.authValue(sessionId, type, id)
          const value = enqueued === undefined ? stored.get(sessionId, type, id) : enqueued
          if (value !== null) values.set(id, value)
        }
        return values
      }),
    ...highestKey(stored, read),
  }
}

/** Contacts, the last ones at hand. */
export function contactReader(db: Connection, read: Reading): ContactReader {
  const stored = contactQueries(db)
  const kept = contactsAtHand(read.pending)
  const one = (sessionId: string, id: string): ContactRow | null => {
    const known = kept.get(sessionId, id)
    if (known !== undefined) return known
    const contact = stored.get(sessionId, id)
    kept.keep(sessionId, id, contact)
    return contact
  }
  const get = (sessionId: string, ids: readonly string[]): Map<string, ContactRow> => {
    const found = new Map<string, ContactRow>()
    for (const id of ids) {
      const contact = one(sessionId, id)
      if (contact !== null) found.set(id, contact)
    }
    return found
  }
  return { ...storedContacts({ get }, read), atHand: (sessionId, id) => read.now(() => kept.get(sessionId, id)) }
}

/** Decrypted ciphertexts. */
export function journalReader(db: Connection, read: Reading): JournalReader {
  const stored = journalQueries(db)
  const index = journalIndex(read.pending)
  return {
    async get(sessionId, hash) {
      const mayHold = read.now(() => index.mayHold(sessionId, hash, (limit) => stored.hashes(sessionId, limit)))
      return mayHold ? read.point(sessionId, [key.journal(hash)], () => stored.get(sessionId, hash)) : null
    },
    ...journalLists(stored, read),
  }
}
