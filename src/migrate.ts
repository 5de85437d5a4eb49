/**
 * `npm run migrate -- --from <place> --to <place> [--prefix puente] [--sandbox]`: moves everything between a data folder and Redis, either way; a place is a folder or the URL
 * of a Redis. The source stays as it is. A move that is broken off goes on when it is started again. Exit 1 when it must not be made, 2 for a wrong call.
 */
import { parseArgs } from 'node:util'
import type { Redis } from 'ioredis'
import { move, MoveRefused, type Dump } from './store/dump.ts'
import { StoreFailed, StoreRefused } from './store/faults.ts'
import { openStore } from './store/open.ts'
import { assertQuiet, openRedisDump } from './store/redis/dump.ts'
import { enterRedis } from './store/redis/enter.ts'
import { openSqliteDump } from './store/sqlite/dump.ts'
import type { Store, StoreOptions } from './store/store.ts'

const text = { type: 'string' } as const
const tell = (words: string): void => void process.stderr.write(`${words}\n`)

const isRedis = (place: string): boolean => /^(rediss?|unix):/.test(place)

/** The URL without its password. */
function shown(place: string): string {
  if (!isRedis(place)) return place
  const { host, pathname } = new URL(place)
  return host === '' ? pathname : host
}

/** What has to be closed at the end, the last first. */
const open: (() => Promise<void> | void)[] = []

async function enter(url: string): Promise<Redis> {
  const redis = await enterRedis({ url, place: shown(url), isUnsafe: false, warn: tell })
  open.push(() => redis.disconnect())
  return redis
}

async function sourceAt(place: string, prefix: string, mode: StoreOptions['mode']): Promise<Dump> {
  const dump = isRedis(place) ? await openRedisDump(await enter(place), prefix, shown(place)) : openSqliteDump(place, mode)
  open.push(() => dump.close())
  return dump
}

async function targetAt(place: string, prefix: string, mode: StoreOptions['mode']): Promise<Store> {
  let redis: Redis | null = null
  if (isRedis(place)) {
    redis = await enter(place)
    await assertQuiet(redis, prefix, shown(place))
  }
  const store = await openStore({ mode, dataDir: place, ...(redis !== null && { redis: { redis, prefix, place: shown(place) } }) })
  open.push(() => store.close())
  return store
}

async function idsIn(store: Store): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<Store['sessions']['page']>> = await store.sessions.page({ limit: 200, cursor })
    ids.push(...page.rows.map(({ id }) => id))
    cursor = page.next
  } while (cursor !== null)
  return ids
}

async function main(): Promise<number> {
  const { values: { from, to, prefix = 'puente', sandbox = false } } = parseArgs({ options: { from: text, to: text, prefix: text, sandbox: { type: 'boolean' } } })
  if (from === undefined || to === undefined || from === to) {
    tell('Say where from and where to: npm run migrate -- --from ./data --to redis://127.0.0.1:6379, or the other way round.')
    return 2
  }
  const mode = sandbox ? 'sandbox' : 'live'
  try {
    const source = await sourceAt(from, prefix, mode)
    const target = await targetAt(to, prefix, mode)
    await move(source, { sessions: () => idsIn(target), place: async () => (await target.events.everywhereBounds()).last, commit: (id, changes) => target.commit(id, changes) }, tell)
    tell(`Everything of ${shown(from)} is in ${shown(to)} now. Never run a gateway on both: the copy that speaks second would break the sessions of the first.`)
    return 0
  } catch (error) {
    if (!(error instanceof MoveRefused || error instanceof StoreRefused || error instanceof StoreFailed)) throw error
    tell(error.message)
    return 1
  } finally {
    for (const close of open.toReversed()) await close()
  }
}

process.exitCode = await main().catch((error: unknown) => {
  tell(error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS') ? error.message : `The move broke off: ${error instanceof Error ? error.message : String(error)}`)
  return 1
})
