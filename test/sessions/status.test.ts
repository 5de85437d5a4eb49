import { describe, expect, it } from 'vitest'
import { SESSION_STATES } from '../../schemas/session.ts'
import { canBecome, isRunning, isSettled } from '../../src/sessions/status.ts'

describe('the state machine', () => {
  it.each(SESSION_STATES.filter((state) => state !== 'stopped'))('lets a session that is %s be stopped', (state) => {
    expect(canBecome(state, 'stopped')).toBe(true)
  })

  it.each(SESSION_STATES.filter((state) => !isRunning(state)))('lets a session that is %s start, and know no other way to an open connection', (state) => {
    expect([canBecome(state, 'starting'), canBecome(state, 'open')]).toEqual([true, false])
  })

  it.each(SESSION_STATES)('lets %s keep itself, for a new reason', (state) => {
    expect(canBecome(state, state)).toBe(true)
  })

  it('is settled exactly where waiting has an end', () => {
    expect(SESSION_STATES.filter((state) => !isSettled(state))).toEqual(['starting', 'connecting', 'reconnecting'])
  })
})
