import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Client } from 'undici'
import { destroy, type Connections } from './connections.ts'
import type { Exchange } from './exchange.ts'
import { toFailure } from './failures.ts'
import type { Hop } from './redirect.ts'

/** The answer to one hop, and the connection that it comes over. */
export interface HopAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Readable
  /** The body was read to its end: the connection may serve again. */
  keep(): void
  /** The rest is not wanted: ends the connection. */
  drop(): void
  /** What a reading of the body that failed means. */
  failure(error: unknown): unknown
}

/** Makes one request, without following where its answer leads. Rejects with an EgressFailure, or with what the exchange was aborted with. */
export async function ask({ target, method, headers, body }: Hop, exchange: Exchange, connections: Connections, connectTimeoutMs: number): Promise<HopAnswer> {
  const { signal } = exchange
  signal.throwIfAborted()
  const client: Client = connections.take(target.origin)
  const stop = (): void => void destroy(client)
  const over = (): void => signal.removeEventListener('abort', stop)
  const failure = (error: unknown): unknown => (signal.aborted ? signal.reason : toFailure(error, target.host, connectTimeoutMs))
  signal.addEventListener('abort', stop, { once: true })
  try {
    const answer = await client.request({ path: target.path, method, headers, body })
    return {
      status: answer.statusCode,
      headers: answer.headers,
      // A body that nobody reads yet must not bring down the process when it breaks off.
      body: answer.body.on('error', () => undefined),
      keep() {
        over()
        connections.giveBack(target.origin, client)
      },
      drop() {
        over()
        stop()
      },
      failure,
    }
  } catch (error) {
    over()
    stop()
    throw failure(error)
  }
}
