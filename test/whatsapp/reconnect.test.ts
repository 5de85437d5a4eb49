import { describe, expect, it } from 'vitest'
import { afterClose, backoffMs, timesReplaced } from '../../src/whatsapp/reconnect.ts'

const verdict = (code: number | null, linked = true, codesUsedUp = false, replacedBefore: number | null = null): string | number => {
  const { kind, ...rest } = afterClose({ code, linked, codesUsedUp, replacedBefore })
  return kind === 'stop' && 'state' in rest ? rest.state : kind === 'again' && 'delay' in rest ? rest.delay : kind
}

describe('afterClose', () => {
  it.each([
    [515, 'none'],
    [428, 'backoff'],
    [408, 'backoff'],
    [500, 'backoff'],
    [503, 'backoff'],
    [null, 'backoff'],
    [401, 'logged_out'],
    [403, 'banned'],
    [402, 'banned'],
    [405, 'outdated'],
    [411, 'logged_out'],
    [440, 'conflict'],
    [777, 'backoff'],
  ])('answers code %s of a linked session with %s', (code, expected) => {
    expect(verdict(code)).toBe(expected)
  })

  it('starts an unfinished linking over instead of calling it a logout', () => {
    expect(verdict(401, false)).toBe('fresh')
  })

  it('tries three times to have its place back where another node may have taken it, then leaves it', () => {
    expect([0, 1, 2, 3].map((before) => verdict(440, true, false, before))).toEqual([5000, 15_000, 60_000, 'conflict'])
  })

  it('calls unused codes expired', () => {
    expect(verdict(408, false, true)).toBe('expired')
  })
})

describe('timesReplaced', () => {
  it('counts in a row, from the start after another end or a long peace', () => {
    const long = 60 * 60_000
    expect([timesReplaced(0, 440, 5), timesReplaced(1, 440, 5), timesReplaced(2, 440, 0), timesReplaced(3, 428, 5), timesReplaced(3, 440, long), timesReplaced(3, null, 0)]).toEqual([1, 2, 3, 0, 1, 0])
  })
})

describe('backoffMs', () => {
  it('doubles from one second to a minute', () => {
    const middle = (): number => 0.5
    expect([1, 2, 3, 6, 7, 50].map((failures) => backoffMs(failures, middle))).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000])
  })

  it('stays within 20 %', () => {
    expect(backoffMs(1, () => 0)).toBe(800)
    expect(backoffMs(1, () => 1)).toBe(1200)
  })
})
