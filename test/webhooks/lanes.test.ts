import { afterEach, describe, expect, it, vi } from 'vitest'
import { lanesBy, type Entry, type Lanes } from '../../src/webhooks/lanes.ts'

const entry = (seq: number, chatId: string | null): Entry => ({ seq, eventId: `evt_${seq}`, type: 't', chatId, row: null, attempts: 0, step: 0 })
const none = new Set<number>()

describe('lanes', () => {
  afterEach(() => vi.useRealTimers())
  const byChat = (wake = (): void => undefined): Lanes => lanesBy(({ chatId }) => chatId ?? '', wake)
  const takeSeq = (lanes: Lanes): number | null => lanes.take()?.entry.seq ?? null

  it('give one event of each chat at a time', () => {
    const lanes = byChat()
    for (const [seq, chat] of [[1, 'a'], [2, 'a'], [3, 'b'], [4, null], [5, null]] as const) lanes.add(entry(seq, chat))
    const taken = [lanes.take(), lanes.take(), lanes.take(), lanes.take()]
    expect(taken.map((one) => one?.entry.seq ?? null)).toEqual([1, 3, 4, null])
    const first = taken[0]
    if (!first) throw new Error('nothing was taken')
    lanes.advance(first.lane)
    expect(takeSeq(lanes)).toBe(2)
  })

  it('know the first event that is not dealt with', () => {
    const lanes = byChat()
    for (const seq of [1, 2, 3]) lanes.add(entry(seq, String(seq)))
    expect(lanes.first(none)).toBe(1)
    expect(lanes.first(new Set([1, 2]))).toBe(3)
    lanes.take()
    const second = lanes.take()
    if (second) lanes.advance(second.lane)
    expect([lanes.first(none), lanes.first(new Set([1])), lanes.size()]).toEqual([1, 3, 2])
  })

  it('hold a chat for as long as is said, or until it is released, and no other', () => {
    vi.useFakeTimers()
    let woken = 0
    const lanes = byChat(() => void (woken += 1))
    lanes.add(entry(1, 'a'))
    lanes.add(entry(2, 'b'), 500)
    const taken = lanes.take()
    if (!taken) throw new Error('nothing was taken')
    lanes.hold(taken.lane, 1000)
    lanes.add(entry(3, 'a'))
    expect(takeSeq(lanes)).toBeNull()
    vi.advanceTimersByTime(500)
    expect([woken, takeSeq(lanes), takeSeq(lanes)]).toEqual([1, 2, null])
    expect([lanes.release(3), lanes.release(1)]).toEqual([false, true])
    expect([woken, takeSeq(lanes)]).toEqual([2, 1])
    vi.advanceTimersByTime(5000)
    expect(takeSeq(lanes)).toBeNull()
  })
})
