import { describe, expect, it } from 'vitest'
import { SESSION_STATES } from '../../schemas/session.ts'
import { canBecome, isRunning, isSettled } from '../../src/sessions/status.ts'

describe('the state machine', () => {
  it('lets every state be stopped and started again', () => {
    for (const state of SESSION_STATES) {
      if (state !== 'stopped') expect(canBecome(state, 'stopped'), state).toBe(true)
      if (!isRunning(state)) expect(canBecome(state, 'starting'), state).toBe(true)
    }
  })

  it('lets a state keep itself, for a new reason', () => {
    for (const state of SESSION_STATES) expect(canBecome(state, state)).toBe(true)
  })

  it('knows no way from rest to an open connection but through a start', () => {
    for (const state of SESSION_STATES) if (!isRunning(state)) expect(canBecome(state, 'open'), state).toBe(false)
  })

  it('is settled exactly where waiting has an end', () => {
    expect(SESSION_STATES.filter((state) => !isSettled(state))).toEqual(['starting', 'connecting', 'reconnecting'])
  })
})
