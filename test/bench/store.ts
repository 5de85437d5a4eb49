/** `node dist/test/bench/store.js [folder]`: what the embedded store does on this disk. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openStore } from '../../src/store/open.ts'
import type { Change, MessageRow, Store } from '../../src/store/store.ts'

const SECONDS = 3
const HISTORY = 50_000
const HISTORY_BATCH = 100
const BATCHES_IN_FLIGHT = 4
const READS = 20_000
const PAGES = 400

const chatId = (number: number): string => `52155500${String(number).padStart(5, '0')}@s.whatsapp.net`

const message = (chat: string, number: number): MessageRow => ({
  chatId: chat,
  id: `3EB0${number.toString(16).toUpperCase().padStart(18, '0')}`,
  sender: number % 2 === 0 ? '' : chat,
  type: 'text',
  text: `Message number ${number}, of the length that people write on a phone.`,
  content: null,
  timestamp: 1_700_000_000 + Math.floor(number / 3),
  state: number % 2 === 0 ? 'sent' : null,
  stateTimes: number % 2 === 0 ? { queued: 1_700_000_000_000, sent: 1_700_000_000_100 } : {},
  error: null, fingerprint: null,
  quoted: null,
  mentions: [],
  reactions: [],
  editedAt: null,
  deletedAt: null,
  media: null,
  raw: new Uint8Array(180).fill(number),
})

const table: [what: string, measured: string][] = []
const tell = (what: string, measured: string): void => {
  table.push([what, measured])
  process.stderr.write(`- ${what}: ${measured}\n`)
}
const perSecond = (count: number, ms: number): string => `${Math.round((count / ms) * 1000).toLocaleString('en')}/s`

/** Runs the work and gives its milliseconds and the event loop's delay meanwhile. */
async function timed(work: () => Promise<void>): Promise<{ ms: number; delayP99Ms: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const start = performance.now()
  await work()
  const ms = performance.now() - start
  delay.disable()
  return { ms, delayP99Ms: delay.percentile(99) / 1e6 }
}

async function commits(store: Store, callers: number): Promise<void> {
  let done = 0
  const session = `callers-${callers}`
  const { ms, delayP99Ms } = await timed(async () => {
    const end = performance.now() + SECONDS * 1000
    let number = 0
    await Promise.all(
      Array.from({ length: callers }, async (_, caller) => {
        while (performance.now() < end) {
          number += 1
          const changes: Change[] = [
            { kind: 'auth.put', keys: [{ type: 'session', id: `${caller}.0`, value: `${number}`.padEnd(1_500, 'k') }] },
            { kind: 'message.put', message: message(chatId(caller), number) },
            { kind: 'chat.touch', id: chatId(caller), timestamp: 1_700_000_000 + number, unread: 1 },
          ]
          await store.commit(session, changes)
          done += 1
        }
      }),
    )
  })
  tell(`durable 3-row commits, ${callers} callers`, `${perSecond(done, ms)}, event loop delay p99 ${delayP99Ms.toFixed(1)} ms`)
}

/** Stores that many messages of one chat and gives how long it took. */
async function history(store: Store, session: string, chat: string, count: number): Promise<{ ms: number; delayP99Ms: number }> {
  let next = 0
  return timed(async () => {
    await Promise.all(
      Array.from({ length: BATCHES_IN_FLIGHT }, async () => {
        while (next < count) {
          const from = next
          next += HISTORY_BATCH
          await store.commit(session, Array.from({ length: Math.min(HISTORY_BATCH, count - from) }, (_, index) => ({ kind: 'message.put', message: message(chat, from + index) }) as const))
        }
      }),
    )
  })
}

async function reads(what: string, read: (number: number) => Promise<unknown>): Promise<void> {
  const { ms } = await timed(async () => {
    for (let number = 0; number < READS; number++) await read(number)
  })
  tell(`point reads, ${what}`, perSecond(READS, ms))
}

/** Milliseconds of a page of 50 deep in a list, the middle of many. */
async function pageMs(ask: (cursor: string | null) => Promise<{ next: string | null }>): Promise<number> {
  const { next } = await ask(null)
  const times: number[] = []
  for (let number = 0; number < PAGES; number++) {
    const start = performance.now()
    await ask(number % 2 === 0 ? null : next)
    times.push(performance.now() - start)
  }
  return times.toSorted((one, other) => one - other)[PAGES / 2] ?? NaN
}

async function pages(what: string, small: (cursor: string | null) => Promise<{ next: string | null }>, large: (cursor: string | null) => Promise<{ next: string | null }>): Promise<void> {
  const [few, many] = [await pageMs(small), await pageMs(large)]
  tell(what, `${few.toFixed(3)} ms and ${many.toFixed(3)} ms, ratio ${(many / few).toFixed(2)}`)
}

const dataDir = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'puente-bench-'))
const store = await openStore({ mode: 'live', dataDir })

for (const callers of [1, 16, 64]) await commits(store, callers)

const imported = await history(store, 'history', chatId(1), HISTORY)
tell(`message inserts, ${HISTORY_BATCH} a commit`, `${perSecond(HISTORY, imported.ms)}, event loop delay p99 ${imported.delayP99Ms.toFixed(1)} ms`)
await history(store, 'pages', chatId(100), 100)
await history(store, 'pages', chatId(100_000), 100_000)

await store.commit('reads', Array.from({ length: 1_000 }, (_, number) => ({ kind: 'auth.put', keys: [{ type: 'session', id: String(number), value: 'k'.repeat(1_500) }] }) as const))
await reads('auth.get', (number) => store.auth.get('reads', 'session', [String(number % 1_000)]))
await reads('messages.own', (number) => store.messages.own('pages', message(chatId(100_000), (number % 50_000) * 2).id))
await reads('chats.get', (number) => store.chats.get('callers-64', chatId(number % 64)))

await pages('page of 50 messages, chats of 100 and 100,000', (cursor) => store.messages.page('pages', chatId(100), { limit: 50, cursor }), (cursor) => store.messages.page('pages', chatId(100_000), { limit: 50, cursor }))
for (const [session, count] of [['few', 100], ['many', 20_000]] as const) {
  await store.commit(session, Array.from({ length: count }, (_, number) => ({ kind: 'chat.touch', id: chatId(number), timestamp: number % 7 === 0 ? 0 : number, unread: 1 }) as const))
}
await pages('page of 50 chats, of 100 and 20,000', (cursor) => store.chats.page('few', { limit: 50, cursor }), (cursor) => store.chats.page('many', { limit: 50, cursor }))

const deleted = await timed(() => store.commit('pages', [{ kind: 'session.delete' }]))
tell('deleting a session of 100,100 messages', `${Math.round(deleted.ms)} ms, event loop delay p99 ${deleted.delayP99Ms.toFixed(1)} ms`)

const before = process.memoryUsage().rss
for (let number = 0; number < 1_000; number++) {
  const session = `idle-${number}`
  await store.commit(session, [{ kind: 'session.put', session: { id: session, state: 'open', reason: null, stateSince: '2026-01-01T00:00:00.000Z', linked: true, wanted: true, user: null, createdAt: '2026-01-01T00:00:00.000Z', secret: 's' } }])
}
tell('memory for 1,000 idle sessions', `${((process.memoryUsage().rss - before) / 2 ** 20).toFixed(1)} MiB`)

await store.close()
rmSync(dataDir, { recursive: true, force: true })
const width = Math.max(...table.map(([what]) => what.length))
process.stdout.write(table.map(([what, measured]) => `${what.padEnd(width)}  ${measured}\n`).join(''))
process.exit(0)
