import http from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import net from 'node:net'
import { WA_CERT_DETAILS } from '@whiskeysockets/baileys'
import { Agent as Dispatcher } from 'undici'

/** Where WhatsApp's servers are; null in each place means the real ones. */
export interface Endpoint {
  readonly wsUrl: string | null
  readonly uploads: HttpsAgent | null
  readonly downloads: Dispatcher | null
  close(): Promise<void>
}

/** What a simulator tells of itself. */
export interface SandboxAddress {
  readonly wsUrl: string
  readonly mediaUrl: string
  /** The 32 bytes that its certificates are signed with. */
  readonly rootKey: Uint8Array
}

/** WhatsApp itself. */
export const liveEndpoint = (): Endpoint => ({ wsUrl: null, uploads: null, downloads: null, close: async () => undefined })

/**
 * A simulator. Every request to a media host lands on its plain HTTP port, so messages keep the urls they would have.
 * Its root key replaces WhatsApp's for the whole process, which is why a process is either live or sandbox.
 */
export function sandboxEndpoint({ wsUrl, mediaUrl, rootKey }: SandboxAddress): Endpoint {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey)
  const { hostname, port } = new URL(mediaUrl)
  const connect = (): net.Socket => net.connect(Number(port), hostname)
  const downloads = new Dispatcher({
    connect: (_options, done) => {
      const socket = connect()
      socket.once('connect', () => done(null, socket))
      socket.once('error', (error) => done(error, null))
    },
  })
  const uploads = new PlainAgent(connect)
  return {
    wsUrl,
    // Baileys asks for an https agent; it only hands it to https.request, which takes any agent whose protocol is https.
    uploads: uploads as unknown as HttpsAgent,
    downloads,
    async close() {
      uploads.destroy()
      await downloads.destroy()
    },
  }
}

/** An agent that answers to `https:` and speaks plain HTTP to one place. */
class PlainAgent extends http.Agent {
  readonly protocol = 'https:'
  private readonly connectTo: () => net.Socket

  constructor(connect: () => net.Socket) {
    super({ keepAlive: false })
    this.connectTo = connect
  }

  override createConnection(): net.Socket {
    return this.connectTo()
  }
}
