import type { Pending } from '../pending.ts'

/** Hashes of one session that are kept at hand; with more of them than half of it in the journal, each is asked for. */
const MOST = 2000

/** Which hashes the journal may hold: nearly every ciphertext is a new one, and that is known without a look into the database. */
export interface JournalIndex {
  /** False only when no row under the hash is stored or on its way; `load` reads at most so many of the session's stored hashes. */
  mayHold(sessionId: string, hash: string, load: (limit: number) => readonly string[]): boolean
}

interface Known {
  readonly prints: Set<number>
  /** The questions after which the stored hashes are read anew, where they were too many. */
  left: number
}

/** An index that learns of each row when it is enqueued. What goes from the journal stays here until there is too much of it, which costs a look and nothing else. */
export function journalIndex(pending: Pending): JournalIndex {
  const sessions = new Map<string, Known>()

  pending.onJournal((sessionId, hash) => {
    const known = sessions.get(sessionId)
    if (hash === null) sessions.delete(sessionId)
    else if (known?.left === 0) known.prints.add(printOf(hash))
  })

  function loaded(sessionId: string, load: (limit: number) => readonly string[]): Known {
    const stored = load(MOST / 2 + 1)
    const isCrowded = stored.length > MOST / 2
    const known: Known = { prints: new Set(isCrowded ? [] : [...stored, ...pending.hashes(sessionId)].map(printOf)), left: isCrowded ? MOST : 0 }
    sessions.set(sessionId, known)
    return known
  }

  return {
    mayHold(sessionId, hash, load) {
      let known = sessions.get(sessionId)
      if (known !== undefined && known.left > 0) {
        known.left -= 1
        if (known.left > 0) return true
        known = undefined
      }
      if (known === undefined || known.prints.size > MOST) known = loaded(sessionId, load)
      return known.left > 0 || known.prints.has(printOf(hash))
    },
  }
}

/** 32 bits of a hash: sets of such numbers are small, and two hashes with the same ones cost a look. */
function printOf(hash: string): number {
  let print = 0
  for (let place = 0; place < hash.length; place += 1) print = (Math.imul(print, 31) + hash.charCodeAt(place)) | 0
  return print
}
