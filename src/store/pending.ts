import type { Change, SessionRow } from './store.ts'
import { key, keysOf } from './touched.ts'

/** A commit that is not yet on the disk. */
export interface PendingCommit {
  /** The order of enqueuing. */
  readonly number: number
  readonly sessionId: string
  readonly changes: readonly Change[]
  /** Resolves when the commit is durable or has failed; never rejects. */
  settled(): Promise<void>
}

interface PendingSession {
  /** How many commits are on their way. */
  count: number
  last: PendingCommit
  /** The last commit that touches each key. */
  readonly keys: Map<string, PendingCommit>
  readonly auth: Map<string, string | null>
  row: SessionRow | null
  /** How many of the commits merge contacts. */
  merging: number
}

/** Whether stored contacts may be others after the commit. */
const movesContacts = ({ changes }: PendingCommit): boolean => changes.some(({ kind }) => kind === 'contact.merge' || kind === 'session.delete')

/**
 * What is enqueued and not yet durable, so that reads never miss it: keys and session rows are answered from here, other reads wait for the commits
 * that touch what they ask for. A session without commits on their way takes no memory.
 */
export class Pending {
  readonly #sessions = new Map<string, PendingSession>()
  /** The last commit that changes which sessions there are, or one of them. */
  #lastOfSessions: PendingCommit | null = null
  #newest: PendingCommit | null = null
  /** How often the contacts of each session may have become others. */
  readonly #contactSteps = new Map<string, number>()
  /** How often each session's row may have become another. */
  readonly #sessionSteps = new Map<string, number>()
  #onJournal: (sessionId: string, hash: string | null) => void = () => undefined

  add(commit: PendingCommit): void {
    const session = this.#sessions.get(commit.sessionId) ?? { count: 0, last: commit, keys: new Map(), auth: new Map(), row: null, merging: 0 }
    this.#sessions.set(commit.sessionId, session)
    session.count += 1
    session.last = commit
    this.#newest = commit
    if (movesContacts(commit)) {
      session.merging += 1
      this.#contactSteps.set(commit.sessionId, this.contactStep(commit.sessionId) + 1)
    }
    for (const change of commit.changes) {
      for (const touched of keysOf(change)) session.keys.set(touched, commit)
      if (change.kind === 'auth.put') for (const { type, id, value } of change.keys) session.auth.set(key.auth(type, id), value)
      if (change.kind === 'auth.clear' || change.kind === 'auth.archive' || change.kind === 'session.delete') {
        for (const name of session.auth.keys()) session.keys.delete(name)
        session.auth.clear()
      }
      if (change.kind === 'journal.put') this.#onJournal(commit.sessionId, change.row.hash)
      if (change.kind === 'session.delete') this.#onJournal(commit.sessionId, null)
      if (change.kind === 'session.put') session.row = change.session
      if (change.kind === 'session.delete') session.row = null
      if (change.kind === 'session.put' || change.kind === 'session.delete') {
        this.#lastOfSessions = commit
        this.#sessionSteps.set(commit.sessionId, this.sessionStep(commit.sessionId) + 1)
      }
    }
  }

  /** The commit is durable, or failed: the database alone knows what it left. */
  remove(commit: PendingCommit): void {
    if (this.#lastOfSessions === commit) this.#lastOfSessions = null
    if (this.#newest === commit) this.#newest = null
    const session = this.#sessions.get(commit.sessionId)
    if (session === undefined) return
    session.count -= 1
    if (session.count === 0) {
      this.#sessions.delete(commit.sessionId)
      return
    }
    if (movesContacts(commit)) session.merging -= 1
    for (const touched of commit.changes.flatMap(keysOf)) {
      if (session.keys.get(touched) !== commit) continue
      session.keys.delete(touched)
      session.auth.delete(touched)
    }
  }

  /** What a read of this key must answer, or undefined when the database knows. */
  authValue(sessionId: string, type: string, id: string): string | null | undefined {
    const session = this.#sessions.get(sessionId)
    if (session === undefined) return undefined
    const value = session.auth.get(key.auth(type, id))
    return value === undefined && session.keys.has(key.allAuth) ? null : value
  }

  /** What a read of this session must answer, or undefined when the database knows. */
  sessionRow(sessionId: string): SessionRow | null | undefined {
    const session = this.#sessions.get(sessionId)
    return session?.keys.has(key.session) === true ? session.row : undefined
  }

  /** A number that is another one after each commit that may change the session's row. */
  sessionStep(sessionId: string): number {
    return this.#sessionSteps.get(sessionId) ?? 0
  }

  /** A number that is another one after each commit that may change contacts of the session. */
  contactStep(sessionId: string): number {
    return this.#contactSteps.get(sessionId) ?? 0
  }

  /** True while a commit on its way may change contacts of the session. */
  mergesContacts(sessionId: string): boolean {
    return (this.#sessions.get(sessionId)?.merging ?? 0) > 0
  }

  /** Calls back for each hash that is enqueued for the journal, and with null when the session goes with all of its own. */
  onJournal(listener: (sessionId: string, hash: string | null) => void): void {
    this.#onJournal = listener
  }

  /** The hashes on their way to the session's journal. */
  hashes(sessionId: string): string[] {
    const prefix = key.journal('')
    return [...(this.#sessions.get(sessionId)?.keys.keys() ?? [])].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
  }

  /** The last commit on its way that touches one of the keys, or null. */
  touching(sessionId: string, keys: readonly string[]): PendingCommit | null {
    const session = this.#sessions.get(sessionId)
    if (session === undefined) return null
    let latest: PendingCommit | null = null
    for (const name of [key.everything, ...keys]) {
      const commit = session.keys.get(name)
      if (commit !== undefined && (latest === null || commit.number > latest.number)) latest = commit
    }
    return latest
  }

  /** The session's last commit on its way, or null. */
  last(sessionId: string): PendingCommit | null {
    return this.#sessions.get(sessionId)?.last ?? null
  }

  /** The last commit on its way of any session, or null. */
  newest(): PendingCommit | null {
    return this.#newest
  }

  /** The last commit on its way that changes the list of sessions, or null. */
  lastOfSessions(): PendingCommit | null {
    return this.#lastOfSessions
  }
}
