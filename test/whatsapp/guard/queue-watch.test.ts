import { EventEmitter } from 'node:events'
import type { BinaryNode, WASocket } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchQueue } from '../../../src/whatsapp/guard/queue-watch.ts'

const ANNOUNCED_MS = 5000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A watched socket whose queries answer what `answer` gives. */
function watched(answer: () => Promise<unknown>) {
  const ev = new EventEmitter()
  const asked: BinaryNode[] = []
  const reasons: string[] = []
  const query = (node: BinaryNode): Promise<unknown> => {
    asked.push(node)
    return answer()
  }
  const watch = watchQueue({ ev, query } as unknown as WASocket, (reason) => reasons.push(reason))
  return { watch, asked, reasons, announce: () => ev.emit('connection.update', { receivedPendingNotifications: true }) }
}

describe('watchQueue', () => {
  it('asks nothing when what waited is announced', async () => {
    const { watch, announce, asked } = watched(async () => ({}))
    watch.opened()
    announce()
    await vi.advanceTimersByTimeAsync(ANNOUNCED_MS)
    expect(asked).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('asks nothing when the announcement came before the connection was open', async () => {
    const { watch, announce, asked } = watched(async () => ({}))
    announce()
    watch.opened()
    await vi.advanceTimersByTimeAsync(ANNOUNCED_MS)
    expect(asked).toEqual([])
  })

  it('asks again when nothing is announced, and is content with an answer', async () => {
    const { watch, asked, reasons } = watched(async () => ({ tag: 'iq' }))
    watch.opened()
    await vi.advanceTimersByTimeAsync(ANNOUNCED_MS)
    expect(asked).toMatchObject([{ tag: 'iq', attrs: { xmlns: 'passive' }, content: [{ tag: 'active' }] }])
    expect(reasons).toEqual([])
  })

  it.each<[string, () => Promise<unknown>]>([
    ['no answer', async () => undefined],
    ['a refusal', async () => {
      throw new Error('refused')
    }],
  ])('gives up at %s', async (_words, answer) => {
    const { watch, reasons } = watched(answer)
    watch.opened()
    await vi.advanceTimersByTimeAsync(ANNOUNCED_MS)
    expect(reasons).toEqual(['WhatsApp does not deliver'])
  })

  it('says nothing once it is stopped', async () => {
    const { watch, asked, reasons } = watched(async () => undefined)
    watch.opened()
    watch.stop()
    await vi.advanceTimersByTimeAsync(ANNOUNCED_MS)
    expect([asked, reasons]).toEqual([[], []])
  })
})
