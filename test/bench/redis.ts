import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { connectRedis } from '../../src/store/redis/connection.ts'
import { openStore } from '../../src/store/open.ts'
import type { Change, MessageRow, Store } from '../../src/store/store.ts'
import { entryOf } from '../../src/events/record.ts'
import { startRedis } from '../support/redis.ts'
import type { Figure, Measure } from './figure.ts'
import { temporaryFolder } from './process.ts'

const MESSAGES = 100_000
const CHATS = 50
const BATCH = 250
const SECONDS = 4
const PAGE = 50
const PAGES = 100
const START = 1_700_000_000
/** The bytes of WhatsApp's own form that are kept of a text. */
const RAW_BYTES = 120

const chatOf = (number: number): string => `${34_655_000_000 + (number % CHATS)}@s.whatsapp.net`

const message = (number: number): MessageRow => ({
  chatId: chatOf(number), id: `3EB0${number.toString(16).toUpperCase().padStart(18, '0')}`, sender: chatOf(number), type: 'text', text: `Message number ${number}, of the length that people write on a phone.`, content: null, timestamp: START + number,
  state: null, stateTimes: {}, error: null, fingerprint: null, quoted: null, mentions: [], reactions: [], editedAt: null, deletedAt: null, media: null, raw: new Uint8Array(RAW_BYTES).fill(number),
})

/** What a message that arrives writes: its row and what is told of it, a step of a ratchet, its chat. */
const arrival = (number: number): Change[] => {
  const row = message(number)
  return [
    { kind: 'auth.put', keys: [{ type: 'session', id: `${number % CHATS}.0`, value: `${number}`.padEnd(1500, 'k') }] },
    { kind: 'message.put', message: row, event: entryOf('message.received', row.chatId, { message: row, unread: 1 }, START * 1000) },
    { kind: 'chat.touch', id: row.chatId, timestamp: row.timestamp, unread: 1 },
  ]
}

async function fill(store: Store): Promise<void> {
  for (let from = 0; from < MESSAGES; from += BATCH) {
    await store.commit('many', Array.from({ length: BATCH }, (_, place): Change => ({ kind: 'message.put', message: message(from + place) })))
  }
}

/** Commits a second of so many sessions at once, each waiting for its own. */
async function commitsPerSecond(store: Store, sessions: number): Promise<number> {
  let done = 0
  const from = performance.now()
  const end = from + SECONDS * 1000
  await Promise.all(Array.from({ length: sessions }, async (_, place) => {
    for (let number = 0; performance.now() < end; number += 1) {
      await store.commit(`${sessions}-${place}`, arrival(number))
      done += 1
    }
  }))
  return (done * 1000) / (performance.now() - from)
}

async function pageMs(store: Store): Promise<number> {
  const from = performance.now()
  for (let number = 0; number < PAGES; number += 1) await store.messages.page('many', chatOf(number), { limit: PAGE, cursor: null })
  return (performance.now() - from) / PAGES
}

const told = (name: string, measured: string): Figure => ({ name, goal: 'told', measured, value: 0, limit: 0 })
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`

/** The store in Redis beside the embedded one: what messages take, how fast commits are durable, what a page asks. */
export const redis: Measure = async (say) => {
  const server = await startRedis()
  const link = connectRedis(server.url)
  await link.connect()
  const folder = temporaryFolder()
  const inRedis = await openStore({ mode: 'live', dataDir: folder, redis: { redis: link, prefix: 'bench', place: server.url } })
  const embedded = await openStore({ mode: 'live', dataDir: folder })
  const number = async (section: string, name: string): Promise<number> => Number(new RegExp(`^${name}[:=](?:calls=)?(\\d+)`, 'm').exec(await link.info(section))?.[1] ?? 0)
  try {
    say(`${MESSAGES} messages into each`)
    const memoryBefore = await number('memory', 'used_memory')
    await fill(inRedis)
    const memory = (await number('memory', 'used_memory')) - memoryBefore
    const aof = await number('persistence', 'aof_current_size')
    await fill(embedded)
    const file = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)

    say('commits')
    const rates: Figure[] = []
    for (const sessions of [1, 20]) {
      const [ours, theirs] = [await commitsPerSecond(inRedis, sessions), await commitsPerSecond(embedded, sessions)]
      rates.push(told(`durable commits of a message, ${sessions} ${sessions === 1 ? 'session' : 'sessions'}`, `${ours.toFixed(0)}/s, SQLite ${theirs.toFixed(0)}/s`))
    }

    say('pages')
    const callsBefore = await number('stats', 'total_commands_processed')
    const redisMs = await pageMs(inRedis)
    // The script asks on its own; what counts is what was sent to Redis.
    const scripts = ((await number('commandstats', 'cmdstat_evalsha')) > 0 ? (await number('stats', 'total_commands_processed')) - callsBefore : NaN) / PAGES
    const trips = await roundTrips(inRedis)
    return [
      told(`${MESSAGES} messages`, `${megabytes(memory)} of memory and ${megabytes(aof)} of log in Redis, ${megabytes(file)} of file in SQLite`),
      ...rates,
      { name: `round trips of a page of ${PAGE} messages`, goal: '1', measured: `${trips} (${redisMs.toFixed(2)} ms; SQLite ${(await pageMs(embedded)).toFixed(2)} ms; ${scripts.toFixed(0)} commands within Redis)`, value: trips, limit: 1 },
    ]
  } finally {
    await inRedis.close()
    await embedded.close()
    link.disconnect()
    await server.stop()
  }

  /** Writes that leave for Redis during one page. */
  async function roundTrips(store: Store): Promise<number> {
    const { stream } = link
    const write = stream.write.bind(stream)
    let writes = 0
    stream.write = ((...args: Parameters<typeof write>) => {
      writes += 1
      return write(...args)
    }) as typeof stream.write
    try {
      await store.messages.page('many', chatOf(0), { limit: PAGE, cursor: null })
      return writes
    } finally {
      stream.write = write
    }
  }
}
