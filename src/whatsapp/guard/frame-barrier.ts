import type { Writable } from 'node:stream'
import type { WASocket } from '@whiskeysockets/baileys'
import type { WriteBehind } from './write-behind.ts'

/** The part of `ws`'s WebSocket that frames leave through. */
interface Wire {
  readonly readyState: number
  send(data: Uint8Array, done?: (error?: Error) => void): void
  /** The stream beneath, which gathers what is written while it is corked. */
  readonly _socket?: Pick<Writable, 'cork' | 'uncork'> | null
}

const OPEN = 1

/**
 * No frame leaves before what it depends on is durable: each waits, in order, for the writes enqueued before it. Strict order is
 * compulsory, because the noise counters are given out before (lib/Socket/socket.js, sendRawMessage), so pings wait too.
 * None leaves once another node may run the session: a process that was held up must not speak when it wakes.
 * The caller's callback is called at once: waiting with it would make Baileys reject a frame that is still going to be sent.
 */
export function frameBarrier(socket: WASocket, writes: WriteBehind, mayReach: () => boolean): void {
  const wire = (socket.ws as unknown as { socket: Wire | null }).socket
  if (!wire) throw new Error('this version of Baileys does not open its socket where it is expected to')
  const sendOne = wire.send.bind(wire)
  const waiting: { readonly data: Uint8Array; readonly after: Promise<void> }[] = []
  let pumping = false
  let corked = false

  /** Frames that leave in one turn of the event loop leave in one write. */
  function send(data: Uint8Array): void {
    const stream = wire?._socket
    if (stream && !corked) {
      corked = true
      stream.cork()
      process.nextTick(() => {
        corked = false
        stream.uncork()
      })
    }
    sendOne(data)
  }

  async function pump(): Promise<void> {
    pumping = true
    try {
      for (let frame = waiting[0]; frame; frame = waiting[0]) {
        await frame.after
        if (wire?.readyState === OPEN && mayReach()) send(frame.data)
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
      if (mayReach()) send(data)
      return
    }
    waiting.push({ data, after: writes.settled() })
    if (!pumping) void pump()
  }
}
