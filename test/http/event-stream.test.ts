import { EventEmitter, once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Event } from '../../schemas/event.ts'
import { entryOf } from '../../src/events/record.ts'
import { openSqlite } from '../../src/store/sqlite/sqlite.ts'
import type { Change, Store } from '../../src/store/store.ts'
import { KEY, testApp, type TestApp } from '../support/app.ts'
import { openEvents, type Asked, type EventSource, type Told } from '../support/event-source.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/wait.ts'

const seed = Number(process.env['STREAM_SEED'] ?? Date.now() % 0x7fffffff)
const CUTS = 500
/** The most a stream tells before it is cut: some ten events. */
const MAX_LENGTH = 3000
/** How many events the writer may be ahead. */
const MAX_LEAD = 40

/** Mulberry32, by Tommy Ettinger: small, and the same on every machine. */
function random(from: number): (below: number) => number {
  let state = from
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const locked = (n: number, at = Date.now()): Change => ({ kind: 'event.append', event: entryOf('chat.locked', `c${n}`, { id: `c${n}@g.us`, locked: true }, at) })
const bodyOf = ({ data }: Told): Event => JSON.parse(data) as Event
const seqsOf = ({ told }: EventSource): (number | null)[] => told.map((event) => bodyOf(event).seq)

interface Listening extends TestApp {
  open(path: string, asked?: Asked): EventSource
}

/** The app on a port of its own. */
async function listening(store?: Store, env: Record<string, string> = {}): Promise<Listening> {
  const made = await testApp({ alone: true, env, ...(store === undefined ? {} : { store }) })
  const url = await made.app.listen({ host: '127.0.0.1', port: 0 })
  return {
    ...made,
    open(path, asked = {}) {
      const source = openEvents(url + path, { ...asked, headers: { 'x-api-key': KEY, ...asked.headers } })
      onTestFinished(() => source.cut())
      return source
    },
  }
}

describe('a stream of events', () => {
  it('tells what was, and then what comes, under the seq as id', async () => {
    const { open, link, store } = await listening()
    await link('a', [locked(1)])
    const source = open('/sessions/a/events?after=1')
    const { statusCode, headers } = await source.opened
    expect({ statusCode, headers }).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', connection: 'close', 'x-request-id': expect.stringMatching(/^req_/) as unknown } })
    await until(() => source.told.length === 3, 'what was')
    await store.commit('a', [locked(2)])
    await until(() => source.told.length === 4, 'what came')
    expect(source.text()).toMatch(/^retry: 2000\n\n/)
    expect(source.told.map(({ id, type }) => [id, type])).toEqual([['2', 'session.starting'], ['3', 'session.open'], ['4', 'chat.locked'], ['5', 'chat.locked']])
    expect(source.told.map(bodyOf)[3]).toMatchObject({ type: 'chat.locked', session: 'a', seq: 5, data: { chatId: 'c2@g.us', locked: true } })
  })

  it('goes on behind Last-Event-ID, which counts more than the URL', async () => {
    const { open, link } = await listening()
    await link('a', [locked(1), locked(2)])
    const source = open('/sessions/a/events?after=0', { lastId: '3' })
    await until(() => source.told.length === 2)
    expect(seqsOf(source)).toEqual([4, 5])
  })

  it('moves the id past what the filter leaves out', async () => {
    const { open, link, store } = await listening()
    await link('a', [locked(1)])
    const source = open('/sessions/a/events?types=session.*')
    await until(() => source.lastId() === '4')
    await store.commit('a', [locked(2)])
    await until(() => source.lastId() === '5')
    expect(source.told.map(({ type }) => type)).toEqual(['session.created', 'session.starting', 'session.open'])
  })

  it('says where the retention passed it', async () => {
    const { open, link, store } = await listening()
    await link('a', [locked(1, 10_000_000_000_000), locked(2, 10_000_000_000_000)])
    await store.commit('a', [{ kind: 'event.prune', before: 9_000_000_000_000 }])
    const source = open('/sessions/a/events', { lastId: '1' })
    await until(() => source.told.length === 3)
    expect(source.told.map(({ id, type }) => [id, type])).toEqual([['3', 'gap'], ['4', 'chat.locked'], ['5', 'chat.locked']])
    expect(JSON.parse(source.told[0]?.data ?? '')).toEqual({ session: 'a', from: 2, to: 3 })
    const everywhere = open('/events', { lastId: Buffer.from('all:0:0').toString('base64url') })
    await until(() => everywhere.told.length === 3)
    expect(everywhere.told.map(({ type }) => type)).toEqual(['gap', 'chat.locked', 'chat.locked'])
    const again = open('/events', { lastId: everywhere.told[0]?.id ?? '' })
    await until(() => again.told.length === 2)
    expect(seqsOf(again)).toEqual([4, 5])
  })

  it('tells presence live, without an id, to the session it is of and to all', async () => {
    const { open, link, app, store } = await listening()
    await link('a', [{ kind: 'contact.merge', phone: '34600000002', lid: '222', fields: { name: 'Ana' } }])
    await link('b')
    const [one, other, all, without] = [open('/sessions/a/events?after=latest'), open('/sessions/b/events?after=latest'), open('/events?after=latest'), open('/events?after=latest&types=message.*')]
    for (const source of [one, other, all, without]) await until(() => source.text() !== '')
    await until(() => {
      app.events.live.tell('a', { type: 'presence.updated', chatId: '222@lid', participant: '222@lid', presence: 'composing', lastSeenAt: 1_700_000_000, onlineCount: null })
      return one.told.length > 0 && all.told.length > 0
    }, 'somebody to write')
    const ana = { id: '34600000002@s.whatsapp.net', phone: '34600000002', lid: '222', name: 'Ana' }
    for (const source of [one, all]) {
      expect(source.told[0]).toMatchObject({ type: 'presence.updated', id: '' })
      expect(source.text()).not.toContain('id: \n')
      expect(bodyOf(source.told[0] as Told)).toMatchObject({ session: 'a', seq: null, data: { chatId: ana.id, contact: ana, presence: 'composing', lastSeenAt: '2023-11-14T22:13:20.000Z' } })
    }
    await store.commit('b', [locked(1)])
    await until(() => other.told.length > 0 && without.lastId() !== '')
    expect([other.told.map(({ type }) => type), without.told]).toEqual([['chat.locked'], []])
  })

  it('429 when as many are open as are held, until one ends', async () => {
    const { open, link, ask } = await listening(undefined, { EVENT_STREAMS_MAX: '2' })
    await link('a')
    const [one, other] = [open('/sessions/a/events'), open('/events')]
    for (const source of [one, other]) await until(() => source.told.length === 3)
    for (const path of ['/sessions/a/events', '/events']) {
      const refused = await ask('GET', path, { headers: { accept: 'text/event-stream' } })
      expect(refused.json()).toMatchObject({ status: 429, code: 'TOO_MANY_STREAMS', retryable: true })
      expect(refused.headers).toMatchObject({ 'retry-after': '5', 'content-type': expect.stringContaining('application/problem+json') as unknown })
      expect((await ask('GET', path)).statusCode).toBe(200)
    }
    one.cut()
    await until(async () => {
      const next = open('/events')
      if ((await next.opened).statusCode !== 200) return false
      await until(() => next.told.length === 3)
      return true
    }, 'a place to be free')
  })

  it('ends at once when the server closes, whoever reads and whoever does not', async () => {
    const { open, link, app, store } = await listening()
    await link('a')
    await link('b')
    const sources = Array.from({ length: 20 }, () => open('/sessions/a/events'))
    for (const source of sources) await until(() => source.told.length === 3)
    const [cut, stuck] = [open('/events'), open('/sessions/b/events', { paused: true })]
    await Promise.all([cut.opened, stuck.opened])
    cut.cut()
    const large: Change = { kind: 'event.append', event: entryOf('settings.updated', null, { setting: 'x'.repeat(50_000), value: '1' }, 1) }
    await store.commit('b', Array.from({ length: 200 }, () => large))
    await store.commit('a', [locked(1)])
    for (const source of sources) await until(() => source.told.length === 4)
    const began = performance.now()
    await app.close()
    const tookMs = performance.now() - began
    expect(await Promise.all(sources.map(({ over }) => over))).toEqual(sources.map(() => true))
    expect(tookMs).toBeLessThan(2000)
  })
})

describe('a stream that is cut again and again', () => {
  it.each([['one session', '/sessions/a/events'], ['all sessions', '/events']])(`misses nothing and repeats nothing over ${CUTS} cuts: %s`, { timeout: 60_000 }, async (_name, path) => {
    console.info(`streams: STREAM_SEED=${seed}`)
    const next = random(seed)
    const { open, app, store } = await listening(await openSqlite({ dataDir: tempFolder(), mode: 'live' }))
    await app.sessions.create('a')
    await app.sessions.create('b')
    const progress = new EventEmitter()
    const heard: string[] = []
    const hear = (told: readonly Told[]): void => void heard.push(...told.map(bodyOf).flatMap(({ type, data }) => (type === 'chat.locked' ? [data.chatId] : [])))
    let written = 0
    let cuts = 0
    const isOver = (): boolean => cuts >= CUTS

    async function write(): Promise<void> {
      while (!isOver()) {
        const commits: Promise<void>[] = []
        for (let size = 1 + next(12); size > 0; size -= 1) commits.push(store.commit(next(3) === 0 && path === '/events' ? 'b' : 'a', [locked(++written)]))
        await Promise.all(commits)
        // Streams are cut both while they catch up and while they live.
        while (written > heard.length + MAX_LEAD && !isOver()) await once(progress, 'cut')
      }
    }

    async function read(): Promise<string> {
      let lastId = ''
      for (; cuts < CUTS; cuts += 1) {
        const source = open(path, { lastId, cutAt: 1 + next(MAX_LENGTH) })
        await source.over
        hear(source.told)
        lastId = source.lastId()
        progress.emit('cut')
      }
      progress.emit('cut')
      return lastId
    }

    const [lastId] = await Promise.all([read(), write()])
    const rest = open(path, { lastId })
    await until(() => heard.length + rest.told.length >= written, 'the rest', 20_000)
    hear(rest.told)
    expect(heard).toEqual(Array.from({ length: written }, (_, n) => `c${n + 1}@g.us`))
    expect(written).toBeGreaterThan(CUTS)
  })
})
