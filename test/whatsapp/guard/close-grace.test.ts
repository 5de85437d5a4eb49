import type { WASocket } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { boundClose } from '../../../src/whatsapp/guard/close-grace.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A client whose server closes when told to, or when the wire is cut. */
function closing(): { client: { close(): Promise<void> }; cut: () => boolean; closed: () => void } {
  let isCut = false
  let closed: () => void = () => undefined
  const client = {
    socket: {
      terminate: () => {
        isCut = true
        closed()
      },
    },
    close: () => new Promise<void>((resolve) => {
      closed = resolve
    }),
  }
  boundClose({ ws: client } as unknown as WASocket)
  return { client, cut: () => isCut, closed: () => closed() }
}

it('leaves a server that closes in time alone', async () => {
  const { client, cut, closed } = closing()
  const end = client.close()
  closed()
  await end
  expect(vi.getTimerCount()).toBe(0)
  expect(cut()).toBe(false)
})

it('cuts the wire of one that does not', async () => {
  const { client, cut } = closing()
  const end = client.close()
  vi.advanceTimersByTime(1999)
  expect(cut()).toBe(false)
  vi.advanceTimersByTime(1)
  expect(cut()).toBe(true)
  await end
})
