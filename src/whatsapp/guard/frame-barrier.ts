import type { WASocket } from '@whiskeysockets/baileys'
import type { WriteBehind } from './write-behind.ts'

/** The part of `ws`'s WebSocket that frames leave through. */
interface Wire {
  readonly readyState: number
  send(data: Uint8Array, done?: (error?: Error) => void): void
}

const OPEN = 1

/**
 * No frame leaves before what it depends on is durable: each waits, in order, for the writes enqueued before it. Strict order is
 * compulsory, because the noise counters are given out before (lib/Socket/socket.js, sendRawMessage), so pings wait too.
 * The caller's callback is called at once: waiting with it would make Baileys reject a frame that is still going to be sent.
 */
export function frameBarrier(socket: WASocket, writes: WriteBehind): void {
  const wire = (socket.ws as unknown as { socket: Wire | null }).socket
  if (!wire) throw new Error('this version of Baileys does not open its socket where it is expected to')
  const send = wire.send.bind(wire)
  const waiting: { readonly data: Uint8Array; readonly after: Promise<void> }[] = []
  let pumping = false

  async function pump(): Promise<void> {
    pumping = true
    try {
      for (let frame = waiting[0]; frame; frame = waiting[0]) {
        await frame.after
        if (wire?.readyState === OPEN) send(frame.data)
        waiting.shift()
      }
    } catch {
      // A write failed: nothing that came after it may be said. The connection is ended by whoever writes.
      waiting.length = 0
    } finally {
      pumping = false
    }
  }

  wire.send = (data, done) => {
    if (done) setImmediate(done)
    if (!pumping && writes.idle()) {
      send(data)
      return
    }
    waiting.push({ data, after: writes.settled() })
    if (!pumping) void pump()
  }
}
