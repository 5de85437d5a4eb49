import type { WebSocket } from 'ws'
import type { BinaryNode } from '../stanza/node.ts'
import type { Storage } from '../world/storage.ts'
import type { SimulatorLogger } from '../world/world.ts'
import type { Authority } from './authority.ts'
import { codecFor } from './codec.ts'
import { frame, makeFrameReader } from './frame.ts'
import { makeResponder, type ClientHello, type NoiseResponder } from './noise.ts'

/** One client's socket after its handshake, before anybody knows who it is. */
export type Wire = {
  readonly hello: ClientHello
  /** The token dictionary the client announced: 2 for Baileys 6, 3 for 7. */
  readonly dictionary: number
  readonly isOpen: boolean
  /** Stores what is due, then puts the node on the wire. */
  send(stanza: BinaryNode): void
  /** A frame whose plaintext is these bytes. */
  sendBytes(payload: Uint8Array): void
  /** A frame that no key opens. */
  sendGarbage(): void
  /** Stops reading and answering while the socket stays open. */
  freeze(): void
  close(): void
  drop(): void
}

/** Takes a wire's stanzas, one after another, and learns of its end. */
export type WireOwner = {
  stanza(stanza: BinaryNode): void | Promise<void>
  closed(): void
}

const GARBAGE_BYTES = 64

/** Plays the server's half of a connection up to the handshake, then hands it to the owner that `own` chooses. */
export const acceptSocket = (
  socket: WebSocket,
  world: { authority: Authority; storage: Storage; logger: SimulatorLogger },
  own: (wire: Wire) => WireOwner,
): void => {
  const reader = makeFrameReader()
  let responder: NoiseResponder | undefined
  let hello: ClientHello | undefined
  let owner: WireOwner | undefined
  let frozen = false
  let tail: Promise<void> = Promise.resolve()

  const codec = () => codecFor(reader.intro()?.dictionary ?? 0)
  const write = (payload: Uint8Array): void => {
    if (socket.readyState === socket.OPEN && !frozen) socket.send(frame(payload))
  }
  const makeWire = (greeted: ClientHello): Wire => ({
    hello: greeted,
    dictionary: reader.intro()?.dictionary ?? 0,
    get isOpen() {
      return socket.readyState === socket.OPEN
    },
    send: (stanza) => {
      world.storage.flush()
      if (socket.readyState === socket.OPEN && !frozen) write(greeted.transport.encrypt(codec().encode(stanza)))
    },
    sendBytes: (payload) => write(greeted.transport.encrypt(payload)),
    sendGarbage: () => write(Buffer.alloc(GARBAGE_BYTES, 0xa5)),
    freeze: () => {
      frozen = true
    },
    close: () => socket.close(),
    drop: () => socket.terminate(),
  })
  const take = async (payload: Buffer): Promise<void> => {
    if (frozen) return
    const intro = reader.intro()
    if (!responder && intro) {
      responder = makeResponder(world.authority, intro.header)
      write(responder.greet(payload))
    } else if (responder && !hello) {
      hello = responder.finish(payload)
      owner = own(makeWire(hello))
    } else if (hello && owner) {
      await owner.stanza(await codec().decode(hello.transport.decrypt(payload)))
    }
  }
  const fail = (error: unknown): void => {
    world.logger.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'a client broke the protocol')
    socket.terminate()
  }

  socket.on('message', (data: Buffer) => {
    let frames: Buffer[]
    try {
      frames = reader.read(data)
    } catch (error) {
      return fail(error)
    }
    for (const payload of frames) tail = tail.then(() => take(payload)).catch(fail)
  })
  socket.on('close', () => {
    tail = tail.then(() => owner?.closed()).catch(fail)
  })
  socket.on('error', () => socket.terminate())
}
