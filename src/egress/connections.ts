import { Client, type buildConnector } from 'undici'

/** Idle connections that are kept for a next request, all origins together. */
export const MAX_IDLE = 256
/** Shorter than the 5 s after which many servers hang up without a word: a request that crosses that would fail. */
const KEEP_ALIVE_MS = 4_000
/** A server may ask for more, but its address is judged when connecting: not too rarely. */
const MAX_KEEP_ALIVE_MS = 60_000

/** Connections, each lent to one exchange at a time, so that breaking off an exchange can end its connection and nothing else. */
export interface Connections {
  /** An idle connection to the origin, or one that is made with the first request. */
  take(origin: string): Client
  /** After a whole answer. */
  giveBack(origin: string, client: Client): void
  /** Ends the idle ones. */
  close(): Promise<void>
}

/** Ends a connection and what is asked over it. An HTTP client told to abort a request would connect once more, just to drop it. */
export const destroy = (client: Client): Promise<void> => client.destroy(new Error('The exchange was broken off.'))

/** Keeps connections that are made by this connector. */
export function keepConnections(connect: buildConnector.connector): Connections {
  /** The one that was used last is at the end. */
  const idle = new Map<Client, string>()
  let isClosed = false
  return {
    take(origin) {
      const client = [...idle].findLast(([, its]) => its === origin)?.[0]
      if (client) {
        idle.delete(client)
        return client
      }
      // The exchange has the only clock.
      return new Client(origin, { connect, keepAliveTimeout: KEEP_ALIVE_MS, keepAliveMaxTimeout: MAX_KEEP_ALIVE_MS, headersTimeout: 0, bodyTimeout: 0 })
    },
    giveBack(origin, client) {
      if (isClosed) {
        void destroy(client)
        return
      }
      idle.set(client, origin)
      const [oldest] = idle.keys()
      if (idle.size <= MAX_IDLE || oldest === undefined) return
      idle.delete(oldest)
      void destroy(oldest)
    },
    async close() {
      isClosed = true
      await Promise.all([...idle.keys()].map(destroy))
      idle.clear()
    },
  }
}
