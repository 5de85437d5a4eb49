import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { preferredType } from '../../src/http/media-type.ts'
import { nextPageLink } from '../../src/http/page-link.ts'
import { preferredWaitMs } from '../../src/http/prefer.ts'
import { toLoggedError } from '../../src/http/redaction.ts'

const OFFERED = ['application/json', 'image/png', 'text/plain'] as const

describe('preferredType', () => {
  it.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['text/*', 'text/plain'],
    ['IMAGE/PNG', 'image/png'],
    ['image/png;q=0.1, text/plain;q=0.5', 'text/plain'],
    ['image/png;charset=x;q=0.9, */*;q=0.1', 'image/png'],
    ['application/json;q=0, image/*;q=0.2, */*;q=0.1', 'image/png'],
    ['text/plain;q=nonsense, image/png', 'image/png'],
  ])('answers %j with %s', (accept, type) => {
    expect(preferredType(accept, OFFERED)).toBe(type)
  })

  it.each(['image/gif', '*/*;q=0', 'nonsense', ',,;'])('refuses %j', (accept) => {
    expect(() => preferredType(accept, OFFERED)).toThrow('Accept takes none of them')
  })

  it('answers one of the offers or refuses, whatever the header', () => {
    const outcome = (accept: string): string => {
      try {
        return preferredType(accept, OFFERED)
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    fc.assert(fc.property(fc.string(), (accept) => {
      expect([...OFFERED, 'NOT_ACCEPTABLE']).toContain(outcome(accept))
    }))
  })
})

describe('nextPageLink', () => {
  it('keeps the rest of the query and replaces the cursor', () => {
    expect(nextPageLink('/sessions?limit=3&cursor=old', 'a+/=')).toBe('</sessions?limit=3&cursor=a%2B%2F%3D>; rel="next"')
    expect(nextPageLink('/sessions', 'x')).toBe('</sessions?cursor=x>; rel="next"')
  })
})

describe('preferredWaitMs', () => {
  it.each([
    [undefined, 10_000], ['', 10_000], ['wait=0', 0], ['wait=7', 7000], ['Wait = 7', 7000], ['wait="7"; x=y', 7000], ['wait=999', 25_000], ['respond-async', 0], ['wait=-1', 10_000], ['wait=1e3', 10_000], ['wait=99999999999999', 10_000],
  ])('reads %j as %i', (prefer, waitMs) => {
    expect(preferredWaitMs(prefer, 10_000, 25_000)).toBe(waitMs)
  })
})

describe('toLoggedError', () => {
  it('leaves out what was attached to the error', () => {
    const error = Object.assign(new Error('no ack'), { code: 'E1', data: { text: 'what somebody wrote' } })
    expect(JSON.stringify(toLoggedError(error))).not.toContain('somebody')
    expect(toLoggedError(error)).toMatchObject({ type: 'Error', message: 'no ack', code: 'E1' })
    expect(toLoggedError('text')).toEqual({ type: 'string', message: '', stack: '' })
  })
})
