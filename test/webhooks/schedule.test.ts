import { describe, expect, it } from 'vitest'
import { outcomeOf, type Outcome } from '../../src/webhooks/attempt.ts'
import { MAX_STEPS, nextAfter, PARKED_STEP, retryAfterMs, timingOf } from '../../src/webhooks/schedule.ts'

const SECOND = 1000
const HOUR = 3_600_000
const plain = timingOf(undefined, () => 0.5)
const down = { kind: 'unavailable', status: 503, error: '', retryAfterMs: null } as const satisfies Outcome
const refused: Outcome = { kind: 'refused', status: 400, error: '' }
const delays = (ordering: 'chat' | 'strict'): readonly (readonly [number, boolean] | string)[] =>
  Array.from({ length: MAX_STEPS }, (_, step) => {
    const next = nextAfter(down, step, ordering, plain)
    return next.kind === 'again' ? ([next.delayMs, next.parked] as const) : next.kind
  })

describe('the schedule', () => {
  it('waits 5 s, 30 s, 2 min and 5 min in the lane, then on and on for days apart from it', () => {
    const inLane = [5 * SECOND, 30 * SECOND, 120 * SECOND, 300 * SECOND].map((ms) => [ms, false])
    const parked = [0.5, 2, 5, 10, 14, 20, 24].map((hours) => [hours * HOUR, true])
    expect(delays('chat')).toEqual([...inLane, ...parked, 'failed'])
  })

  it('waits as long in a strict lane, but always in its place', () => {
    expect(delays('strict').slice(0, -1).map((next) => next[1])).toEqual(Array(MAX_STEPS - 1).fill(false))
    expect(delays('strict').map((next) => next[0])).toEqual(delays('chat').map((next) => next[0]))
  })

  it('parks at once what would be refused again, and fails it in a strict lane', () => {
    expect(nextAfter(refused, 0, 'chat', plain)).toEqual({ kind: 'again', step: PARKED_STEP, delayMs: 0.5 * HOUR, parked: true })
    expect(nextAfter(refused, PARKED_STEP, 'chat', plain)).toMatchObject({ step: PARKED_STEP + 1 })
    expect(nextAfter(refused, 0, 'strict', plain)).toEqual({ kind: 'failed' })
  })

  it('is jittered by a fifth and divided as a whole', () => {
    expect([0, 0.5, 1].map((random) => timingOf(undefined, () => random).delayMs(1))).toEqual([4000, 5000, 6000])
    expect(timingOf({ schedule: 500, timeout: 500 }, () => 0.5)).toMatchObject({ timeoutMs: 30, disableAfterMs: 864_000 })
    expect(timingOf({ schedule: 500, timeout: 500 }, () => 0.5).delayMs(1)).toBe(10)
  })

  it('waits longer when the endpoint asks for it, but an hour at most', () => {
    const asked = (ms: number) => nextAfter({ ...down, retryAfterMs: ms }, 0, 'chat', plain)
    expect(asked(SECOND)).toMatchObject({ delayMs: 5 * SECOND })
    expect(asked(60 * SECOND)).toMatchObject({ delayMs: 60 * SECOND })
    expect(asked(9 * HOUR)).toMatchObject({ delayMs: HOUR })
  })

  it('reads Retry-After in both its forms', () => {
    const now = Date.parse('2026-01-01T00:00:00Z')
    expect(retryAfterMs('120', now)).toBe(120_000)
    expect(retryAfterMs('Thu, 01 Jan 2026 00:01:00 GMT', now)).toBe(60_000)
    expect(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0)
    expect([retryAfterMs(null, now), retryAfterMs('soon', now), retryAfterMs('-5', now)].every((ms) => ms === null || ms === 0)).toBe(true)
  })
})

describe('what an answer means', () => {
  const kindOf = (status: number) => outcomeOf({ status, retryAfter: null }, 0).kind

  it.each([200, 201, 202, 204, 299])('%i is delivered', (status) => expect(kindOf(status)).toBe('delivered'))
  it.each([301, 302, 304, 307, 308, 400, 401, 403, 404, 409, 413, 422, 451])('%i is refused', (status) => expect(kindOf(status)).toBe('refused'))
  it.each([408, 429, 500, 502, 503, 504, 599])('%i may go better later', (status) => expect(kindOf(status)).toBe('unavailable'))
  it('410 is gone, and no answer may go better later', () => {
    expect(kindOf(410)).toBe('gone')
    expect(outcomeOf({ status: null, error: 'no connection' }, 0)).toEqual({ kind: 'unavailable', status: null, error: 'no connection', retryAfterMs: null })
    expect(nextAfter({ kind: 'gone', status: 410, error: '' }, 0, 'chat', plain)).toEqual({ kind: 'disable' })
  })
})
