import type { LogEntry, PlacedEventRow } from '../store.ts'
import type { SessionKeys } from './keys.ts'
import type { Source } from './source.ts'

/** What a session's meta holds before a commit. */
export interface Meta {
  readonly version: number
  readonly numbers: number
  readonly head: number
}

/** One Redis command: its name and arguments. */
export type Command = readonly (string | Uint8Array)[]

/** The entries that are written to the log, and the removals from its start, in their order. */
export type LogStep = { readonly seq: number; readonly entry: LogEntry; /** Where it stood in another store; else it is given one. */ readonly place?: number } | { readonly removedUpTo: number } | { readonly missingUpTo: number }

/** What commits of one session will leave, over what Redis holds: read through, and written together. */
export interface Draft extends Source {
  readonly keys: SessionKeys
  readonly log: readonly LogStep[]
  put(key: string, name: string, value: string | Uint8Array): void
  drop(key: string, name: string): void
  add(key: string, member: string): void
  take(key: string, member: string): void
  /** The whole key goes. */
  unlink(key: string): void
  /** The next number of the session's own order, from 1. */
  nextNumber(): number
  /** Writes an entry to the log, if there is one. */
  append(entry: LogEntry | undefined): void
  /** Puts entries of another store back, where they are not there yet. */
  restore(entries: readonly PlacedEventRow[], removed: number): void
  /** Removes the entries up to this seq from the log. */
  removeUpTo(seq: number): void
  head(): number
  /** All that was written, as commands that do not depend on each other's answers; the log is apart. */
  commands(): readonly Command[]
  readonly meta: Meta
  numbers(): number
}

interface DraftHash {
  gone: boolean
  readonly read: Map<string, Promise<string | Uint8Array | null>>
  readonly written: Map<string, string | Uint8Array | null>
}

interface DraftSet {
  gone: boolean
  readonly added: Set<string>
  readonly taken: Set<string>
}

/** How many arguments a command gets at most: Lua cannot unpack many more. */
const MOST_ARGUMENTS = 4000

/** A draft of one session. */
export function draftOf(source: Source, keys: SessionKeys, meta: Meta): Draft {
  const hashes = new Map<string, DraftHash>()
  const sets = new Map<string, DraftSet>()
  const log: LogStep[] = []
  let { numbers, head } = meta

  const hashOf = (key: string): DraftHash => {
    const hash = hashes.get(key) ?? { gone: false, read: new Map(), written: new Map() }
    hashes.set(key, hash)
    return hash
  }
  const setOf = (key: string): DraftSet => {
    const set = sets.get(key) ?? { gone: false, added: new Set(), taken: new Set() }
    sets.set(key, set)
    return set
  }
  function valueOf<Value extends string | Uint8Array>(key: string, name: string, ask: () => Promise<Value | null>): Promise<Value | null> {
    const hash = hashOf(key)
    const written = hash.written.get(name)
    if (written !== undefined) return Promise.resolve(written as Value | null)
    if (hash.gone) return Promise.resolve(null)
    const known = hash.read.get(name) ?? ask()
    hash.read.set(name, known)
    return known as Promise<Value | null>
  }
  const field = (key: string, name: string): Promise<string | null> => valueOf(key, name, () => source.field(key, name))

  return {
    keys,
    meta,
    log,
    field,
    bytes: (key, name) => valueOf(key, name, () => source.bytes(key, name)),
    fields: (key, names) => Promise.all(names.map((name) => field(key, name))),
    async hash(key) {
      const { gone, written } = hashOf(key)
      const found = new Map(gone ? [] : await source.hash(key))
      for (const [name, value] of written) {
        if (typeof value === 'string') found.set(name, value)
        else found.delete(name)
      }
      return found
    },
    async members(key, range = {}) {
      const { gone, added, taken } = setOf(key)
      const { after = '', prefix = '', count } = range
      const stored = gone ? [] : await source.members(key, { ...range, ...(count === undefined ? {} : { count: count + taken.size }) })
      const mine = [...added].filter((member) => member.startsWith(prefix) && byBytes(member, after) > 0)
      const members = [...stored.filter((member) => !taken.has(member) && !added.has(member)), ...mine]
      return (mine.length === 0 ? members : members.toSorted(byBytes)).slice(0, count)
    },
    async size(key) {
      const { gone, added, taken } = setOf(key)
      return (gone ? 0 : await source.size(key)) + added.size - taken.size
    },
    entries: (key, from, count) => source.entries(key, from, count),
    put: (key, name, value) => void hashOf(key).written.set(name, value),
    drop: (key, name) => void hashOf(key).written.set(name, null),
    add(key, member) {
      const set = setOf(key)
      // A member that is taken and added again was there and stays.
      if (!set.taken.delete(member)) set.added.add(member)
    },
    take(key, member) {
      const set = setOf(key)
      if (!set.added.delete(member) && !set.gone) set.taken.add(member)
    },
    unlink(key) {
      hashes.set(key, { gone: true, read: new Map(), written: new Map() })
      sets.set(key, { gone: true, added: new Set(), taken: new Set() })
    },
    nextNumber: () => ++numbers,
    append(entry) {
      if (entry !== undefined) log.push({ seq: ++head, entry })
    },
    restore(entries, removed) {
      for (const { seq, place, id, type, chatId, data, at } of entries) {
        if (seq <= head) continue
        head = seq
        log.push({ seq, entry: { id, type, chatId, data, at }, place })
      }
      log.push({ missingUpTo: removed })
    },
    removeUpTo: (seq) => void log.push({ removedUpTo: seq }),
    head: () => head,
    numbers: () => numbers,
    commands() {
      const commands: Command[] = []
      const many = (name: string, key: string, words: readonly (string | Uint8Array)[]): void => {
        for (let from = 0; from < words.length; from += MOST_ARGUMENTS) commands.push([name, key, ...words.slice(from, from + MOST_ARGUMENTS)])
      }
      for (const key of new Set([...hashes, ...sets].flatMap(([name, { gone }]) => (gone ? [name] : [])))) commands.push(['UNLINK', key])
      for (const [key, { gone, written }] of hashes) {
        many('HSET', key, [...written].flatMap(([name, value]) => (value === null ? [] : [name, value])))
        if (!gone) many('HDEL', key, [...written].flatMap(([name, value]) => (value === null ? [name] : [])))
      }
      for (const [key, { added, taken }] of sets) {
        many('ZREM', key, [...taken])
        many('ZADD', key, [...added].flatMap((member) => ['0', member]))
      }
      return commands
    },
  }
}

const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other))
