import { describe, expect, it, vi } from 'vitest'
import { openMemory } from '../../src/store/memory.ts'
import { prune, startPruning } from '../../src/store/pruning.ts'
import { DAY_MS, DEVICE_LISTS_KEPT_MS, JOURNAL_KEPT_MS } from '../../src/store/retention.ts'
import type { Change, Store } from '../../src/store/store.ts'
import { until } from '../support/wait.ts'
import { message, session } from '../conformance/store/rows.ts'

const NOW = 1_800_000_000_000
const EVENTS_KEPT_MS = 7 * DAY_MS
const RETENTION = { keptMs: EVENTS_KEPT_MS, maxPerSession: 5000 }
const never = new AbortController().signal
const SILENT = { level: 'silent', debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

const event = (id: string, at: number): Change => ({ kind: 'event.append', event: { id, type: 'message.received', chatId: null, data: '{}', at } })
const decrypted = (hash: string, at: number): Change => ({ kind: 'journal.put', row: { hash, messageId: hash, plaintext: new Uint8Array(1), open: null, at } })
const devices = (user: string, at: number): Change => ({ kind: 'devices.put', lists: [{ user, value: '[]' }], at })

/** A store that counts the commits made from now on. */
async function bench(...changes: Change[]): Promise<{ store: Store; commits: () => number }> {
  const store = openMemory()
  await store.commit('s', [{ kind: 'session.put', session: session('s') }, ...changes])
  const commit = vi.spyOn(store, 'commit')
  return { store, commits: () => commit.mock.calls.length }
}

describe('prune', () => {
  it('removes what is older than it is kept, and not a moment earlier', async () => {
    const { store } = await bench(
      event('old', NOW - EVENTS_KEPT_MS - 1), event('kept', NOW - EVENTS_KEPT_MS), event('new', NOW),
      decrypted('old', NOW - JOURNAL_KEPT_MS - 1), decrypted('kept', NOW - JOURNAL_KEPT_MS),
      devices('old', NOW - DEVICE_LISTS_KEPT_MS - 1), devices('kept', NOW - DEVICE_LISTS_KEPT_MS),
    )
    await prune(store, RETENTION, NOW, never)
    expect((await store.events.after('s', 0, 9)).map(({ id }) => id)).toEqual(['kept', 'new'])
    expect(await store.events.bounds('s')).toEqual({ first: 2, last: 3 })
    expect([await store.journal.get('s', 'old'), (await store.journal.get('s', 'kept'))?.hash]).toEqual([null, 'kept'])
    expect([...(await store.devices.get('s', ['old', 'kept'])).keys()]).toEqual(['kept'])
  })

  it('goes on batch by batch until nothing is due, and writes nothing when nothing is', async () => {
    const { store, commits } = await bench(
      ...Array.from({ length: 1201 }, (_, place) => event(String(place), 1)),
      ...Array.from({ length: 501 }, (_, place) => decrypted(String(place), 1)),
      ...Array.from({ length: 499 }, (_, place) => devices(String(place), 1)),
    )
    await prune(store, RETENTION, NOW, never)
    // The newest entry stays, whatever its age, so that the edge is known.
    expect(await store.events.bounds('s')).toEqual({ first: 1201, last: 1201 })
    expect([await store.journal.oldest('s'), await store.devices.excess('s', NOW, 0)]).toEqual([null, 0])
    expect(commits()).toBe(3 + 2 + 1)
    await prune(store, RETENTION, NOW, never)
    expect(commits()).toBe(6)
  })

  it('keeps no more of a log than the settings say, however young it is', async () => {
    const { store, commits } = await bench(...Array.from({ length: 700 }, (_, place) => event(String(place), NOW)))
    await prune(store, { keptMs: EVENTS_KEPT_MS, maxPerSession: 100 }, NOW, never)
    expect(await store.events.bounds('s')).toEqual({ first: 601, last: 700 })
    expect(commits()).toBe(2)
    await prune(store, { keptMs: EVENTS_KEPT_MS, maxPerSession: 100 }, NOW, never)
    expect(commits()).toBe(2)
  })

  it('reaches the log of a session that is gone', async () => {
    const { store } = await bench(event('a', 1), event('b', 2))
    await store.commit('s', [{ kind: 'session.delete' }])
    await prune(store, RETENTION, NOW, never)
    expect(await store.events.bounds('s')).toEqual({ first: 2, last: 2 })
  })

  it('takes no message: own sends are asked for again, and one that comes twice is known by its row', async () => {
    const { store, commits } = await bench({ kind: 'message.put', message: message({ sender: '', timestamp: 1 }) })
    await prune(store, RETENTION, NOW, never)
    expect((await store.messages.own('s', message().id))?.timestamp).toBe(1)
    expect(commits()).toBe(0)
  })

  it('stops between two batches', async () => {
    const stopping = new AbortController()
    const { store, commits } = await bench(...Array.from({ length: 1201 }, (_, place) => event(String(place), 1)))
    const write = store.commit.bind(store)
    store.commit = async (...change) => {
      stopping.abort()
      return write(...change)
    }
    await prune(store, RETENTION, NOW, stopping.signal)
    expect(commits()).toBe(1)
  })
})

describe('startPruning', () => {
  it('prunes soon after the start and then every hour, jittered, past a store that fails, until it is stopped', async () => {
    const { store } = await bench(event('a', NOW), event('b', NOW + 1), event('c', NOW + EVENTS_KEPT_MS))
    const warnings: string[] = []
    vi.spyOn(store.events, 'heads').mockRejectedValueOnce(new Error('no disk'))
    const waits: number[] = []
    let now = NOW + EVENTS_KEPT_MS - 1
    let wake: () => void = () => undefined
    const wait = (ms: number, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        waits.push(ms)
        wake = resolve
        signal.addEventListener('abort', () => resolve())
      })
    const pruning = startPruning({ store, events: RETENTION, log: { ...SILENT, warn: (_fields, words) => void warnings.push(words) }, now: () => now, wait })
    const first = async (): Promise<number> => (await store.events.bounds('s')).first
    /** Lets the time pass and waits for the end of the pass. */
    const pass = async (ms: number): Promise<number> => {
      const before = waits.length
      now += ms
      wake()
      await until(() => waits.length > before, 'the pass to end')
      return first()
    }
    expect(await pass(2)).toBe(1)
    expect(warnings).toEqual(['old rows could not be removed'])
    expect(await pass(0)).toBe(2)
    expect(await pass(1)).toBe(3)
    await pruning.stop()
    expect(waits).toHaveLength(4)
    const [soon = 0, ...hours] = waits
    expect(soon).toBeGreaterThanOrEqual(96_000)
    expect(soon).toBeLessThanOrEqual(144_000)
    for (const hour of hours) expect(Math.abs(hour - 3_600_000)).toBeLessThanOrEqual(720_000)
  })
})
