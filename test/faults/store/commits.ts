import { Redis } from 'ioredis'
import { restAfter } from '../../../src/store/redis/keys.ts'
import type { Mark } from '../faults-env.ts'

/** A commit that is about to leave for Redis. */
export interface RedisCommit {
  /** The decrypted message in it, or null. */
  readonly decrypted: string | null
  isMark(mark: Mark): boolean
}

type Word = string | Uint8Array
type Script = (this: unknown, keyCount: number, ...words: readonly Word[]) => Promise<string>

/** The script that writes, as src/store/redis/script.ts names it. */
const COMMIT = 'puenteCommit'

/** Puts `around` between each commit and Redis; it has to make the commit itself, and may hold back what it answers. */
export function wrapRedisCommits(around: (commit: RedisCommit, write: () => Promise<string>) => Promise<string>): void {
  const define = Redis.prototype.defineCommand as (this: Redis, name: string, definition: object) => void
  Reflect.set(Redis.prototype, 'defineCommand', function (this: Redis, name: string, definition: object): void {
    define.call(this, name, definition)
    if (name !== COMMIT) return
    const write = Reflect.get(this, name) as Script
    // Pipelines take the command over from their connection: what comes through one is on its way already.
    Reflect.set(this, name, function (this: unknown, keyCount: number, ...words: readonly Word[]): Promise<string> {
      const leave = (): Promise<string> => write.call(this, keyCount, ...words)
      return this instanceof Redis ? around(commitOf(words), leave) : leave()
    })
  })
}

function commitOf(words: readonly Word[]): RedisCommit {
  const texts = words.map((word) => (typeof word === 'string' ? word : ''))
  /** What is written by these commands to keys whose name ends so; before each command stands how many words it has. */
  const written = (command: 'HSET' | 'ZADD', name: string): readonly (readonly [string, string])[] =>
    texts.flatMap((text, place) => {
      if (text !== command || texts[place + 1]?.endsWith(name) !== true) return []
      const pairs = texts.slice(place + 2, place + Number(texts[place - 1]))
      return Array.from({ length: pairs.length / 2 }, (_, pair) => [pairs[2 * pair] ?? '', pairs[2 * pair + 1] ?? ''] as const)
    })
  // A row that is only closed is there already.
  const fresh = new Set(written('ZADD', ':journal-ages').map(([, member]) => restAfter(member, 2)))
  const journal = written('HSET', ':journal').flatMap(([hash, text]) => (fresh.has(hash) ? [JSON.parse(text) as { messageId: string; open: string | null }] : []))
  return {
    decrypted: journal.at(-1)?.messageId ?? null,
    isMark: (mark) => (mark === 'prekey' ? written('HSET', ':auth:pre-key').length > 0 : journal.some(({ open }) => open !== null)),
  }
}
