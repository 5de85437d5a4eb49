import { LRUCache } from 'lru-cache'
import type { ContactRow } from '../store.ts'
import type { Pending } from '../pending.ts'

/** Contacts that are kept, over all sessions. */
const MOST = 5000

/** The contacts that were asked for last, as they are stored: every message asks for its sender. */
export interface ContactsAtHand {
  /** The contact (null: absent), or undefined where the database has to be asked. */
  get(sessionId: string, id: string): ContactRow | null | undefined
  /** Takes what the database has just answered. */
  keep(sessionId: string, id: string, row: ContactRow | null): void
}

interface Kept {
  readonly row: ContactRow | null
  readonly step: number
}

/** Contacts at hand, none of them older than the last change that was enqueued for the session. */
export function contactsAtHand(pending: Pending): ContactsAtHand {
  const kept = new LRUCache<string, Kept>({ maxSize: MOST, sizeCalculation: () => 1 })
  const nameOf = (sessionId: string, id: string): string => `${sessionId} ${id}`
  return {
    get(sessionId, id) {
      const found = kept.get(nameOf(sessionId, id))
      return found?.step === pending.contactStep(sessionId) ? found.row : undefined
    },
    keep(sessionId, id, row) {
      // The answer is from before what is on its way.
      if (!pending.mergesContacts(sessionId)) kept.set(nameOf(sessionId, id), { row, step: pending.contactStep(sessionId) })
    },
  }
}
