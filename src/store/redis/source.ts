import type { Redis } from 'ioredis'
import { storeFailed } from './fault.ts'

/** An entry of a stream: its id, then names and values in turn. */
export type StreamEntry = [id: string, words: string[]]

/** Where rows are read from: Redis as it is, or as a commit on its way will leave it. */
export interface Source {
  /** A field of a hash, or null. */
  field(key: string, name: string): Promise<string | null>
  /** The same for bytes. */
  bytes(key: string, name: string): Promise<Uint8Array | null>
  /** Several fields, in the order that they were asked for. */
  fields(key: string, names: readonly string[]): Promise<readonly (string | null)[]>
  /** A whole hash. */
  hash(key: string): Promise<ReadonlyMap<string, string>>
  /** Members of a sorted set in ascending order, by their bytes: those that come after `after` and, where it is given, begin with `prefix`; the first `count` of them. */
  members(key: string, range?: { readonly after?: string; readonly prefix?: string; readonly count?: number }): Promise<readonly string[]>
  /** How many members a sorted set has. */
  size(key: string): Promise<number>
  /** The entries of a stream from this number on, the first `count` of them. */
  entries(key: string, from: number, count: number): Promise<readonly StreamEntry[]>
}

/** What sorts after all that begins with a text. */
const LAST = '\u{10ffff}'

/** What Redis holds now; `place` is where it is, for the words of errors. */
export function redisSource(redis: Redis, place: string): Source {
  const asked = <Answer>(answer: Promise<Answer>): Promise<Answer> =>
    answer.catch((error: unknown) => {
      throw storeFailed(error, place)
    })
  return {
    field: (key, name) => asked(redis.hget(key, name)),
    bytes: (key, name) => asked(redis.hgetBuffer(key, name)),
    fields: async (key, names) => (names.length === 0 ? [] : asked(redis.hmget(key, ...names))),
    hash: async (key) => new Map(Object.entries(await asked(redis.hgetall(key)))),
    members(key, { after, prefix = '', count } = {}) {
      const min = after === undefined ? (prefix === '' ? '-' : `[${prefix}`) : `(${after}`
      const max = prefix === '' ? '+' : `[${prefix}${LAST}`
      return asked(count === undefined ? redis.zrangebylex(key, min, max) : redis.zrangebylex(key, min, max, 'LIMIT', 0, count))
    },
    size: (key) => asked(redis.zcard(key)),
    entries: async (key, from, count) => (count === 0 ? [] : asked(redis.xrange(key, `${from}-0`, '+', 'COUNT', count))),
  }
}
