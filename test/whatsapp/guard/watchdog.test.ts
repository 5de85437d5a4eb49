import { EventEmitter } from 'node:events'
import type { WASocket } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchConnect } from '../../../src/whatsapp/guard/watchdog.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A socket that says what the test says, under the watchdog. */
function watched(): { ws: EventEmitter; watchdog: ReturnType<typeof watchConnect>; reasons: string[] } {
  const ws = new EventEmitter()
  const reasons: string[] = []
  const watchdog = watchConnect({ ws } as unknown as WASocket, (reason) => reasons.push(reason))
  return { ws, watchdog, reasons }
}

describe('watchConnect', () => {
  it('gives up after 30 s of silence', () => {
    const { reasons } = watched()
    vi.advanceTimersByTime(29_999)
    expect(reasons).toEqual([])
    vi.advanceTimersByTime(1)
    expect(reasons).toEqual(['the server is silent'])
  })

  it('starts to count again at each frame', () => {
    const { ws, reasons } = watched()
    vi.advanceTimersByTime(29_000)
    ws.emit('frame')
    vi.advanceTimersByTime(29_999)
    expect(reasons).toEqual([])
    vi.advanceTimersByTime(1)
    expect(reasons).toEqual(['the server is silent'])
  })

  it('gives up after 90 s of a login that talks and never opens', () => {
    const { ws, reasons } = watched()
    for (let second = 0; second < 90; second += 10) {
      ws.emit('frame')
      vi.advanceTimersByTime(10_000)
    }
    expect(reasons).toEqual(['the login took too long'])
  })

  it('gives up at once when the server answers the upgrade with an HTTP error', () => {
    const { ws, reasons } = watched()
    ws.emit('unexpected-response', {}, { statusCode: 503 })
    expect(reasons).toEqual(['the server refused the connection with HTTP 503'])
  })

  it.each(['rest', 'stop'] as const)('counts nothing any more after %s', (verb) => {
    const { ws, watchdog, reasons } = watched()
    watchdog[verb]()
    ws.emit('frame')
    vi.advanceTimersByTime(3_600_000)
    expect(reasons).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no listener behind', () => {
    const { ws, watchdog } = watched()
    watchdog.rest()
    watchdog.stop()
    expect(ws.eventNames()).toEqual([])
  })
})
