import { describe, expect, it } from 'vitest'
import { healthOf } from '../../src/webhooks/health.ts'

const LIMIT = 100
const cursor = (failingSince: number | null, succeededAt: number | null, sessionId = 's') => ({ webhookId: 'w', sessionId, seq: 1, failingSince, succeededAt })

describe('the health of a webhook', () => {
  it('is over when nothing but failure came for the whole time', () => {
    const health = healthOf(LIMIT)
    expect([0, 50, 99, 100].map((at) => health.tried('w', false, at, 0))).toEqual([false, false, false, true])
    expect(health.tried('other', false, 500, 0)).toBe(false)
  })

  it('begins anew with each success, of whichever session', () => {
    const health = healthOf(LIMIT)
    health.tried('w', false, 0, 0)
    expect(health.tried('w', true, 90, 0)).toBe(false)
    expect([100, 189, 200].map((at) => health.tried('w', false, at, 0))).toEqual([false, false, true])
  })

  it('is known across restarts', () => {
    const health = healthOf(LIMIT)
    health.learn(cursor(10, null))
    health.learn(cursor(null, 5, 'other'))
    expect([health.tried('w', false, 109, 0), health.tried('w', false, 110, 0)]).toEqual([false, true])
    const better = healthOf(LIMIT)
    better.learn(cursor(10, null))
    better.learn(cursor(null, 60, 'other'))
    expect([better.tried('w', false, 159, 0), better.tried('w', false, 160, 0)]).toEqual([false, true])
  })

  it('counts from when it was switched on again', () => {
    const health = healthOf(LIMIT)
    health.learn(cursor(10, null))
    expect([health.tried('w', false, 500, 450), health.tried('w', false, 550, 450)]).toEqual([false, true])
    health.forget('w')
    expect(health.tried('w', false, 560, 0)).toBe(false)
  })
})
