import { describe, expect, it } from 'vitest'
import { madeAgain } from '../../src/webhooks/delivery.ts'
import { until } from '../support/wait.ts'
import { BROKEN, followerScene, type FollowerScene, type Received } from './scene.ts'

const SESSION = 'sales'
const successes = (received: readonly Received[]): number[] => received.filter(({ status }) => status === 200).map(({ seq }) => seq)
const sorted = (seqs: readonly number[]): number[] => seqs.toSorted((a, b) => a - b)
const never = (_seq: number, _nth: number, _chat: string | null, signal: AbortSignal): Promise<null> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }))
const settledAt = (scene: FollowerScene, seq: number): Promise<unknown> => until(async () => (await scene.cursor()) === seq, `the cursor to be at ${seq}`)

describe('a follower', () => {
  it('delivers each event once and moves its cursor', async () => {
    const scene = await followerScene(() => 200)
    await scene.tell('a', 'b', null, 'a')
    await settledAt(scene, 4)
    expect(sorted(successes(scene.received))).toEqual([1, 2, 3, 4])
    expect((await scene.deliveries()).map(({ seq, state, attempts, status, nextAt }) => [seq, state, attempts, status, nextAt])).toEqual([1, 2, 3, 4].map((seq) => [seq, 'delivered', 1, 200, null]))
    await scene.tell('c')
    await settledAt(scene, 5)
  })

  it('keeps the order of each chat while one event is tried again, and lets other chats pass', async () => {
    const scene = await followerScene((seq, nth) => (seq === 1 && nth < 3 ? 503 : 200))
    await scene.tell('a', 'a', 'b', 'b')
    await settledAt(scene, 4)
    const order = successes(scene.received)
    expect(order.filter((seq) => seq < 3)).toEqual([1, 2])
    expect(order.filter((seq) => seq > 2)).toEqual([3, 4])
    expect(order.indexOf(3)).toBeLessThan(order.indexOf(1))
    expect((await scene.deliveries())[0]).toMatchObject({ seq: 1, state: 'delivered', attempts: 3 })
  })

  it('has at most eight under way, one of a chat', async () => {
    const scene = await followerScene(never)
    await scene.tell(...Array.from({ length: 40 }, (_, place) => `chat ${place % 20}`))
    await until(() => scene.most() === 8, 'eight at once')
    expect(scene.most()).toBe(8)
    expect(await scene.cursor()).toBeNull()
  })

  it('parks what fails for long, goes on, and comes back to it', async () => {
    const scene = await followerScene((seq, nth) => (seq === 1 && nth < 7 ? null : 200), { divisor: 5000 })
    await scene.tell('a', 'a')
    await until(() => successes(scene.received).includes(1), 'the parked event')
    expect(successes(scene.received)).toEqual([2, 1])
    await until(async () => (await scene.deliveries())[0]?.state === 'delivered', 'the row')
    expect((await scene.deliveries())[0]).toMatchObject({ attempts: 7, apart: false, error: null })
  })

  it('parks a refused event at once, and fails it in the end', async () => {
    const scene = await followerScene((seq) => (seq === 1 ? 422 : 200), { divisor: 2_000_000 })
    await scene.tell('a', 'a')
    await until(async () => (await scene.deliveries())[0]?.state === 'failed', 'the event to fail')
    expect(scene.received[0]).toMatchObject({ seq: 1, status: 422 })
    expect(scene.received[1]).toMatchObject({ seq: 2, status: 200 })
    expect(scene.received.filter(({ seq }) => seq === 1)).toHaveLength(8)
    expect(await scene.cursor()).toBe(2)
  })

  it('never passes by what may still succeed in a strict lane, and passes by what was refused', async () => {
    const scene = await followerScene((seq, nth) => (seq === 2 ? 400 : seq === 1 && nth < 8 ? 500 : 200), { ordering: 'strict', divisor: 50_000 })
    await scene.tell('a', 'b', 'c')
    await settledAt(scene, 3)
    expect(successes(scene.received)).toEqual([1, 3])
    expect(scene.most()).toBe(1)
    expect((await scene.deliveries()).map(({ state }) => state)).toEqual(['delivered', 'failed', 'delivered'])
    expect(scene.received.filter(({ seq }) => seq === 2)).toHaveLength(1)
  })

  it('goes on after a restart from where it was, and repeats nothing', async () => {
    const held = new Set([1, 5])
    const scene = await followerScene((seq) => (held.has(seq) ? 500 : 200), { divisor: 1 })
    await scene.tell('a', 'b', 'c', 'a', 'd', 'd', 'e')
    await until(() => successes(scene.received).length === 3, 'the rest')
    await until(async () => (await scene.deliveries()).filter(({ nextAt }) => nextAt !== null).length === 2, 'both to be held')
    held.clear()
    await scene.restart()
    for (const seq of [1, 5]) scene.follower().release(seq)
    await until(async () => {
      for (const seq of [1, 5]) scene.follower().release(seq)
      return (await scene.cursor()) === 7
    }, 'all of it')
    expect(sorted(successes(scene.received))).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(successes(scene.received).filter((seq) => seq === 1 || seq === 4)).toEqual([1, 4])
    expect((await scene.deliveries())[0]).toMatchObject({ attempts: 2 })
  })

  it('waits for an answer while it stops, writes it down and begins nothing more', async () => {
    let answer = (_status: number): void => undefined
    const scene = await followerScene(() => new Promise((resolve) => (answer = resolve)))
    await scene.tell('a', 'a')
    await until(() => scene.most() === 1, 'the first to be under way')
    const stopping = scene.follower().stop(new AbortController().signal)
    answer(200)
    await stopping
    expect([successes(scene.received), await scene.cursor()]).toEqual([[1], 1])
  })

  it('waits no longer than it is let, and tries again later what it broke off', async () => {
    let isSilent = true
    const scene = await followerScene((...call) => (isSilent ? never(...call) : 200))
    await scene.tell('a')
    await until(() => scene.most() === 1, 'it to be under way')
    const patience = new AbortController()
    const stopping = scene.follower().stop(patience.signal)
    patience.abort()
    await stopping
    expect(await scene.deliveries()).toEqual([])
    isSilent = false
    await scene.restart()
    await settledAt(scene, 1)
    expect(successes(scene.received)).toEqual([1])
  })

  it('passes over what it does not hear of', async () => {
    const scene = await followerScene(() => 200, { events: ['message.*'] })
    await scene.tell('a', 'b')
    await settledAt(scene, 2)
    expect([scene.received, await scene.deliveries()]).toEqual([[], []])
  })

  it('stops at 410 and forgets nothing', async () => {
    const scene = await followerScene(() => 410)
    await scene.tell('a')
    await until(() => scene.gone() === 1, 'the end')
    expect((await scene.deliveries())[0]).toMatchObject({ state: 'pending', status: 410, step: 0 })
    expect(await scene.cursor()).toBe(0)
  })

  it('tells what retention took before it got it, once', async () => {
    const scene = await followerScene(() => 200)
    await scene.follower().stop(AbortSignal.abort())
    await scene.tell('a', 'b', 'c')
    await scene.store.commit(SESSION, [{ kind: 'event.prune', before: Date.now() + 1000 }])
    await scene.restart()
    await settledAt(scene, 4)
    const [, gap] = await scene.store.events.after(SESSION, 0, 9)
    expect([gap?.type, gap?.seq, JSON.parse(gap?.data ?? '{}')]).toEqual(['webhook.gap', 4, { webhookId: 'whk_1', from: 1, to: 2 }])
    expect(successes(scene.received)).toEqual([3, 4])
    await scene.restart()
    await scene.tell('z')
    await settledAt(scene, 5)
    expect((await scene.store.events.after(SESSION, 0, 9)).filter(({ type }) => type === 'webhook.gap')).toHaveLength(1)
  })

  it('goes back, and delivers all after that again', async () => {
    const scene = await followerScene(() => 200)
    await scene.tell('a', 'b', 'c')
    await settledAt(scene, 3)
    await scene.follower().rewind(1)
    await until(() => successes(scene.received).length === 5, 'two again')
    expect(sorted(successes(scene.received))).toEqual([1, 2, 2, 3, 3])
    await settledAt(scene, 3)
  })

  it('makes a delivery again when asked', async () => {
    const scene = await followerScene(() => 200)
    await scene.tell('a', 'b')
    await settledAt(scene, 2)
    const [first] = await scene.deliveries()
    if (!first) throw new Error('there is no delivery')
    await scene.store.commit(SESSION, [{ kind: 'delivery.put', delivery: madeAgain(first, Date.now()) }])
    scene.follower().hurry()
    await until(async () => (await scene.deliveries())[0]?.attempts === 2, 'the second attempt')
    expect((await scene.deliveries())[0]).toMatchObject({ state: 'delivered', apart: false })
    expect(sorted(successes(scene.received))).toEqual([1, 1, 2])
  })

  it('waits for a store that fails, and loses nothing', async () => {
    const scene = await followerScene(() => 200)
    const real = scene.store.commit.bind(scene.store)
    let failures = 0
    scene.store.commit = async (sessionId, changes) => {
      if (changes.some(({ kind }) => kind === 'delivery.put') && failures++ < 1) throw new Error('the disk is full')
      await real(sessionId, changes)
    }
    await scene.tell('a')
    await settledAt(scene, 1)
    expect(failures).toBe(2)
    expect(successes(scene.received)).toEqual([1])
  })

  it('is not held up by an event that cannot be read', async () => {
    const scene = await followerScene((seq) => (seq === 1 ? BROKEN : 200), { ordering: 'strict' })
    await scene.tell('a', 'a')
    await settledAt(scene, 2)
    expect((await scene.deliveries()).map(({ state, error }) => [state, error])).toEqual([['failed', 'The event in the log cannot be read.'], ['delivered', null]])
  })

  it('reads no further than it can hold', async () => {
    const scene = await followerScene(never)
    const reads: number[] = []
    const real = scene.store.events.durableAfter.bind(scene.store.events)
    scene.store.events.durableAfter = async (sessionId, seq, limit) => {
      reads.push(seq)
      return real(sessionId, seq, limit)
    }
    await scene.tell(...Array.from({ length: 2000 }, () => 'one chat'))
    await until(() => reads.includes(448), 'what it can hold')
    const before = reads.length
    await scene.tell('another')
    await scene.follower().rewind(0)
    await until(() => reads.filter((seq) => seq === 448).length === 2, 'the same again')
    expect([before, reads.length, Math.max(...reads)]).toEqual([8, 16, 448])
  })
})
