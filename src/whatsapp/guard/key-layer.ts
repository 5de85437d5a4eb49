import { AsyncLocalStorage } from 'node:async_hooks'
import type { SignalDataSet, SignalDataTypeMap, SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys'
import { StoreFailed } from '../../store/faults.ts'
import type { Change, Store } from '../../store/store.ts'
import { keysAtHand } from './keys-at-hand.ts'
import { parseKey, stringifyKey } from './key-codec.ts'
import type { WriteBehind } from './write-behind.ts'

/** Key types that only ever change together with the ratchet step they belong to. */
const RATCHETS = new Set(['session', 'sender-key'])

/** Other keys are kept as text, where that is no longer than this: those that are asked for with every message are short or absent. */
const SHORT_TEXT = 300

/** What one Signal operation has written so far; it becomes one commit. */
export interface KeyTransaction {
  /** The text of a key as this transaction sees it; null when it was deleted, undefined when untouched. */
  peek(type: string, id: string): string | null | undefined
  put(type: string, id: string, value: string | null): void
  /** Takes back what was written under the key. */
  forget(type: string, id: string): void
  /** Commits this together with the keys. */
  add(changes: readonly Change[]): void
  /** The same, for what is only known when the commit is made. */
  late(changes: () => readonly Change[]): void
}

/** The Signal keys of one session: every operation is one commit by itself. */
export interface KeyLayer {
  /** What Baileys' stock repository works on. */
  readonly keys: SignalKeyStoreWithTransaction
  /** Runs the work in a transaction of its own; what it wrote is enqueued when it succeeds and dropped when it throws. */
  transact<T>(work: (transaction: KeyTransaction) => Promise<T>): Promise<T>
  /** Ratchet writes outside a transaction that were refused. */
  refused(): number
}

/** The transaction at work. One storage for all sessions: Node 20 walks every storage at each promise. */
const current = new AsyncLocalStorage<Pending>()

/** The keys of one session over the store. */
export function keyLayer(store: Store, sessionId: string, writes: WriteBehind): KeyLayer {
  const owner = {}
  /** The transaction that this work runs in; null for none, or for one of another session. */
  const atWork = (): Pending | null => {
    const pending = current.getStore()
    return pending?.owner === owner && !pending.dead ? pending : null
  }
  let refused = 0
  const kept = keysAtHand()
  const { sessions: atHand, texts } = kept

  /** Baileys takes an error for a message that cannot be decrypted, and tells WhatsApp to forget it (lib/Socket/messages-recv.js, handleMessage). */
  function unreadable(error: unknown): never {
    if (error instanceof StoreFailed) writes.fail(error)
    throw error
  }

  async function read(type: string, ids: readonly string[]): Promise<Map<string, string>> {
    const pending = atWork()
    const found = new Map<string, string>()
    const missing: string[] = []
    for (const id of ids) {
      const name = `${type} ${id}`
      const written = pending?.written.get(name)
      const value = written ? written.value : texts.get(name)?.value
      if (value === undefined) missing.push(id)
      else if (value !== null) found.set(id, value)
    }
    if (missing.length === 0) return found
    const before = kept.steps()
    const stored = await store.auth.get(sessionId, type, missing).catch(unreadable)
    for (const id of missing) {
      const value = stored.get(id)
      if (value !== undefined) found.set(id, value)
      if (before === kept.steps()) keepText(type, id, value ?? null)
    }
    return found
  }

  function keepText(type: string, id: string, value: string | null): void {
    if (value === null || (value.length <= SHORT_TEXT && type !== 'session')) texts.set(`${type} ${id}`, { value })
    else texts.delete(`${type} ${id}`)
  }

  function write(data: SignalDataSet): void {
    const pending = atWork()
    const keys: Written[] = []
    for (const [type, values] of Object.entries(data)) {
      // Baileys deletes a session that cannot go on from outside (lib/Socket/messages-recv.js); that alone is harmless.
      if (!pending && RATCHETS.has(type) && Object.values(values ?? {}).some((value) => value !== null)) {
        refused += 1
        throw new Error(`a ${type} was written outside a transaction`)
      }
      for (const [id, value] of Object.entries(values ?? {})) keys.push({ type, id, value: value === null || value === undefined ? null : stringifyKey(type, value) })
    }
    if (pending) for (const key of keys) pending.written.set(`${key.type} ${key.id}`, key)
    else if (keys.length > 0) writes.write([{ kind: 'auth.put', keys }])
    if (!pending) stepped(keys, new Map())
    else
      for (const [id, value] of Object.entries(data.session ?? {})) {
        if (isObject(value)) pending.sessions.set(id, value)
        else pending.sessions.delete(id)
      }
  }

  /** Takes what was enqueued as what stands. */
  function stepped(keys: readonly Written[], sessions: ReadonlyMap<string, object>): void {
    kept.step()
    for (const { type, id, value } of keys) {
      if (type !== 'session') {
        keepText(type, id, value)
        continue
      }
      texts.delete(`session ${id}`)
      const session = sessions.get(id)
      if (session) atHand.set(id, session)
      else atHand.delete(id)
    }
  }

  /** The sessions as they stand, parsed only where none of them is at hand. */
  async function readSessions(ids: readonly string[]): Promise<Record<string, object>> {
    const pending = atWork()
    const found: Record<string, object> = {}
    const missing: string[] = []
    for (const id of ids) {
      const session = pending?.written.has(`session ${id}`) ? pending.sessions.get(id) : atHand.get(id)
      if (session) found[id] = session
      else missing.push(id)
    }
    if (missing.length === 0) return found
    const before = kept.steps()
    for (const [id, text] of await read('session', missing)) {
      const session: object = parseKey('session', text)
      found[id] = session
      if (before === kept.steps() && !pending?.written.has(`session ${id}`)) atHand.set(id, session)
    }
    return found
  }

  async function transact<T>(work: (transaction: KeyTransaction) => Promise<T>): Promise<T> {
    const pending: Pending = { owner, written: new Map(), sessions: new Map(), changes: [], late: [], dead: false }
    try {
      const result = await current.run(pending, () => work(toTransaction(pending)))
      const keys = [...pending.written.values()]
      writes.write([...(keys.length > 0 ? [{ kind: 'auth.put', keys } as const] : []), ...pending.changes, ...pending.late.flatMap((changes) => changes())])
      if (keys.length > 0) stepped(keys, pending.sessions)
      return result
    } catch (error) {
      return unreadable(error)
    } finally {
      // Late writes of a finished operation go straight to the store, or are refused.
      pending.dead = true
    }
  }

  return {
    transact,
    refused: () => refused,
    keys: {
      async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
        if (type === 'session') return (await readSessions(ids)) as { [id: string]: SignalDataTypeMap[T] }
        const found: { [id: string]: SignalDataTypeMap[T] } = {}
        // Fresh objects each time: Baileys changes what it is given.
        for (const [id, value] of await read(type, ids)) found[id] = parseKey(type, value)
        return found
      },
      set: async (data) => write(data),
      isInTransaction: () => atWork() !== null,
      transaction: (work) => (atWork() ? work() : transact(work)),
    },
  }
}

/** A key, as text, that was written; null where it was deleted. */
interface Written {
  readonly type: string
  readonly id: string
  readonly value: string | null
}

interface Pending {
  /** The layer that it is of. */
  readonly owner: object
  readonly written: Map<string, Written>
  /** The written sessions themselves, where they are known as more than text. */
  readonly sessions: Map<string, object>
  readonly changes: Change[]
  readonly late: (() => readonly Change[])[]
  dead: boolean
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !(value instanceof Uint8Array)

const toTransaction = ({ written, sessions, changes, late }: Pending): KeyTransaction => ({
  peek: (type, id) => written.get(`${type} ${id}`)?.value,
  put(type, id, value) {
    if (type === 'session') sessions.delete(id)
    written.set(`${type} ${id}`, { type, id, value })
  },
  forget(type, id) {
    if (type === 'session') sessions.delete(id)
    written.delete(`${type} ${id}`)
  },
  add: (more) => void changes.push(...more),
  late: (more) => void late.push(more),
})
