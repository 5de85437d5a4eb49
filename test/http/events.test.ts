import { describe, expect, it } from 'vitest'
import { entryOf } from '../../src/events/record.ts'
import type { Change } from '../../src/store/store.ts'
import { testApp, type TestApp } from '../support/app.ts'

type Answer = Awaited<ReturnType<TestApp['ask']>>
interface Told {
  readonly id: string
  readonly type: string
  readonly session: string
  readonly seq: number
  readonly timestamp: string
  readonly data: Record<string, unknown>
}

const locked = (n: number, at = 1_700_000_000_123 + n): Change => ({ kind: 'event.append', event: entryOf('chat.locked', `c${n}`, { id: `c${n}@g.us`, locked: true }, at) })
const next = ({ headers }: Answer): string | undefined => /^<(.+)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1]
const seqs = (answer: Answer): number[] => answer.json<Told[]>().map(({ seq }) => seq)

/** Every page from this one on. */
async function pages({ ask }: TestApp, from: string): Promise<Told[][]> {
  const found: Told[][] = []
  for (let url: string | undefined = from; url; ) {
    const answer = await ask('GET', url)
    expect(answer.statusCode).toBe(200)
    found.push(answer.json<Told[]>())
    url = next(answer)
  }
  return found
}

describe('GET /sessions/:session_id/events', () => {
  it('200 ascending, each in the words of the API', async () => {
    const { ask, link } = await testApp()
    await link('a', [locked(1)])
    const answer = await ask('GET', '/sessions/a/events')
    const events = answer.json<Told[]>()
    expect(events.map(({ type }) => type)).toEqual(['session.created', 'session.starting', 'session.open', 'chat.locked'])
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
    expect(events[2]).toMatchObject({ session: 'a', data: { state: 'open', linked: true, user: { id: '34600000001@s.whatsapp.net', phone: '34600000001', lid: '111', name: 'Me' } } })
    expect(events[3]).toEqual({ id: expect.stringMatching(/^evt_[0-9a-f-]{36}$/) as unknown, type: 'chat.locked', session: 'a', seq: 4, timestamp: '2023-11-14T22:13:20.124Z', data: { chatId: 'c1@g.us', locked: true } })
    expect(answer.headers).toMatchObject({ 'x-next-after': '4', vary: 'accept' })
    expect(next(answer)).toBeUndefined()
    expect((await ask('GET', '/sessions/a/events')).json()).toEqual(events)
  })

  it('200 page by page, each event once, and then what is new', async () => {
    const app = await testApp()
    await app.link('a', Array.from({ length: 22 }, (_, n) => locked(n)))
    const found = await pages(app, '/sessions/a/events?limit=10')
    expect(found.map(({ length }) => length)).toEqual([10, 10, 5])
    expect(found.flat().map(({ seq }) => seq)).toEqual(Array.from({ length: 25 }, (_, n) => n + 1))
    expect(seqs(await app.ask('GET', '/sessions/a/events?after=25'))).toEqual([])
    await app.store.commit('a', [locked(30)])
    expect(seqs(await app.ask('GET', '/sessions/a/events?after=25'))).toEqual([26])
    expect(seqs(await app.ask('GET', '/sessions/a/events?after=latest'))).toEqual([])
  })

  it('200 with the types and families asked for, found however far apart they are', async () => {
    const app = await testApp()
    await app.link('a', Array.from({ length: 2500 }, (_, n) => locked(n)))
    await app.store.commit('a', [{ kind: 'event.append', event: entryOf('webhook.enabled', null, { webhookId: 'w' }, 1) }])
    const found = await pages(app, '/sessions/a/events?types=session.*,%20webhook.enabled&limit=3')
    expect(found.flat().map(({ type }) => type)).toEqual(['session.created', 'session.starting', 'session.open', 'webhook.enabled'])
    expect(found.length).toBeGreaterThan(2)
  })

  it('410 before what is kept, with the oldest seq and the way on', async () => {
    const app = await testApp()
    await app.link('a', [locked(1, 10_000_000_000_000), locked(2, 10_000_000_000_000)])
    await app.store.commit('a', [{ kind: 'event.prune', before: 9_000_000_000_000 }])
    const gone = await app.ask('GET', '/sessions/a/events?after=1')
    expect(gone.statusCode).toBe(410)
    expect(gone.json()).toMatchObject({ code: 'EVENTS_GONE', oldestSeq: 4, after: '3', retryable: false })
    expect(seqs(await app.ask('GET', '/sessions/a/events?after=3'))).toEqual([4, 5])
    expect(seqs(await app.ask('GET', '/sessions/a/events'))).toEqual([4, 5])
  })

  it('400 for a cursor ahead of the log, and for a type nobody knows; both name the field', async () => {
    const { ask, link } = await testApp()
    await link('a')
    expect((await ask('GET', '/sessions/a/events?after=4')).json()).toMatchObject({ status: 400, code: 'VALIDATION_FAILED', errors: [{ path: '/query/after', message: 'is ahead of the log, whose newest event has the seq 3' }] })
    expect((await ask('GET', '/sessions/a/events?types=message.received,nothing.*')).json()).toMatchObject({ status: 400, errors: [{ path: '/query/types', message: expect.stringContaining("'nothing.*'") as unknown }] })
    expect((await ask('GET', '/sessions/a/events?after=-1')).json()).toMatchObject({ status: 400, errors: [{ path: '/query/after' }] })
    expect((await ask('GET', '/sessions/a/events?after=9', { headers: { accept: 'text/event-stream' } })).json()).toMatchObject({ status: 400, errors: [{ path: '/query/after' }] })
    expect((await ask('GET', '/sessions/a/events', { headers: { accept: 'text/event-stream', 'last-event-id': '9' } })).json()).toMatchObject({ status: 400, errors: [{ path: '/headers/last-event-id' }] })
    expect((await ask('GET', '/sessions/a/events', { headers: { accept: 'text/html' } })).statusCode).toBe(406)
  })

  it('200 for a session that was deleted, and goes on where it ended when the id comes back', async () => {
    const { ask, link, app } = await testApp()
    await link('a')
    await app.sessions.remove('a')
    const events = (await ask('GET', '/sessions/a/events')).json<Told[]>()
    expect(events.at(-1)).toMatchObject({ type: 'session.deleted', seq: 4, data: {} })
    await app.sessions.create('a')
    expect(seqs(await ask('GET', '/sessions/a/events?after=4'))).toEqual([5])
  })

  it('404 for a session that never was', async () => {
    const { ask } = await testApp()
    expect((await ask('GET', '/sessions/a/events')).json()).toMatchObject({ code: 'SESSION_NOT_FOUND' })
    expect((await ask('GET', '/sessions/a/events', { headers: { accept: 'text/event-stream' } })).json()).toMatchObject({ code: 'SESSION_NOT_FOUND' })
  })

  it('HEAD answers without a body, a stream too', async () => {
    const { ask, link } = await testApp()
    await link('a')
    const page = await ask('HEAD', '/sessions/a/events')
    const stream = await ask('HEAD', '/sessions/a/events', { headers: { accept: 'text/event-stream' } })
    expect([page.statusCode, page.body, stream.statusCode, stream.body, stream.headers['content-type']]).toEqual([200, '', 200, '', 'text/event-stream; charset=utf-8'])
  })
})

describe('GET /events', () => {
  it('200 over all sessions in the order of writing, page by page, each event once', async () => {
    const app = await testApp()
    await app.link('a')
    await app.link('b')
    for (let n = 0; n < 10; n += 1) await app.store.commit(n % 3 === 0 ? 'b' : 'a', [locked(n)])
    const found = (await pages(app, '/events?limit=4')).flat()
    expect(found.map(({ session, seq }) => `${session}${seq}`)).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'b4', 'a4', 'a5', 'b5', 'a6', 'a7', 'b6', 'a8', 'a9', 'b7'])
    const end = await app.ask('GET', '/events?limit=200')
    const after = String(end.headers['x-next-after'])
    expect((await app.ask('GET', `/events?after=${after}`)).json()).toEqual([])
    await app.store.commit('b', [locked(50)])
    expect((await app.ask('GET', `/events?after=${after}`)).json<Told[]>().map(({ session, seq }) => [session, seq])).toEqual([['b', 8]])
    expect((await app.ask('GET', '/events?after=latest')).json()).toEqual([])
  })

  it('410 when some after the cursor are gone, whichever session they were of, and the cursor it names goes on', async () => {
    const app = await testApp()
    await app.link('a')
    const start = String((await app.ask('GET', '/events?limit=1')).headers['x-next-after'])
    await app.link('b', [locked(1, 10_000_000_000_000)])
    const middle = String((await app.ask('GET', '/events')).headers['x-next-after'])
    await app.store.commit('b', [{ kind: 'event.prune', before: 9_000_000_000_000 }])
    const gone = await app.ask('GET', `/events?after=${start}`)
    expect(gone.json()).toMatchObject({ status: 410, code: 'EVENTS_GONE' })
    const { after } = gone.json<{ after: string }>()
    expect((await pages(app, `/events?after=${after}&limit=1`)).flat().map(({ session, seq }) => `${session}${seq}`)).toEqual(['a2', 'a3', 'b4'])
    expect((await app.ask('GET', `/events?after=${middle}`)).json()).toEqual([])
  })

  it('400 for a cursor that is none, or of another gateway that is further', async () => {
    const { ask } = await testApp()
    for (const after of ['x', '7', Buffer.from('all:999:0').toString('base64url'), Buffer.from('all:0:9').toString('base64url'), Buffer.from('all:01:0').toString('base64url')]) {
      expect((await ask('GET', `/events?after=${after}`)).json()).toMatchObject({ status: 400, errors: [{ path: '/query/after' }] })
    }
  })
})
