import type { IncomingHttpHeaders } from 'node:http'
import type { PrivateTargets } from './address.ts'
import { capped } from './body.ts'
import { keepConnections } from './connections.ts'
import { guardedConnector, type Resolve } from './connector.ts'
import { beginExchange, type Exchange } from './exchange.ts'
import { EgressFailed, EgressTooLarge } from './failures.ts'
import { toHeaders, type Headers } from './headers.ts'
import { ask, type HopAnswer } from './hop.ts'
import { nextHop, type Hop, type Method } from './redirect.ts'
import { toTarget } from './target.ts'

const CONNECT_TIMEOUT_MS = 10_000

/** What is asked of a target, and the bounds of the exchange. */
export interface EgressRequest {
  readonly method: Method
  readonly headers?: Headers
  readonly body?: string | Uint8Array
  /** For the whole exchange: look-up, connection, redirects and body. */
  readonly timeoutMs: number
  /** The most that is read of the answer's body. */
  readonly maxBytes: number
  /** A larger body is a failure, unless its beginning is all that is wanted. */
  readonly whenLarger?: 'fail' | 'cut'
  /** 0, the default: a redirect is an answer like any other. */
  readonly maxRedirects?: number
  /** The caller's own end of it; its reason is what the call rejects with. */
  readonly signal?: AbortSignal
}

/** What a target answered. */
export interface EgressAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders
  /** Where the last redirect led; the URL itself without one. */
  readonly url: string
  /** Read it once; what is never read ends with the time-out. Packed bodies stay packed. */
  readonly body: AsyncIterable<Uint8Array>
  /** Instead of reading: ends the connection. */
  drop(): void
}

/** The way out to URLs that somebody else chose. */
export interface Egress {
  /** Rejects with an EgressFailure, or with the reason of the caller's signal; so does reading the body. */
  request(url: string, request: EgressRequest): Promise<EgressAnswer>
  /** Applies every rule that needs no look-up, to tell early. Throws EgressRefused. */
  check(url: string): void
  /** Breaks off what is under way. */
  close(): Promise<void>
}

/** What opens a way out. */
export interface EgressOptions {
  readonly privateTargets: PrivateTargets
  readonly connectTimeoutMs?: number
  /** Instead of the system's resolver. */
  readonly resolve?: Resolve
}

/** Opens a way out; nothing is connected before the first request. */
export function openEgress({ privateTargets, connectTimeoutMs = CONNECT_TIMEOUT_MS, resolve }: EgressOptions): Egress {
  const connections = keepConnections(guardedConnector(privateTargets, connectTimeoutMs, resolve))
  const underWay = new Set<Exchange>()
  let isClosed = false

  /** Follows redirects to the answer that is none. */
  const follow = async (first: Hop, maxRedirects: number, exchange: Exchange): Promise<{ hop: Hop; answer: HopAnswer }> => {
    let hop = first
    for (let redirects = 0; ; redirects++) {
      const answer = await ask(hop, exchange, connections, connectTimeoutMs)
      if (maxRedirects === 0) return { hop, answer }
      try {
        const next = nextHop(hop, answer.status, answer.headers.location, privateTargets)
        if (next === null) return { hop, answer }
        if (redirects === maxRedirects) throw new EgressFailed('redirects', { host: hop.target.host })
        hop = next
      } catch (error) {
        answer.drop()
        throw error
      }
      answer.drop()
    }
  }

  async function* finishing(body: AsyncIterable<Uint8Array>, exchange: Exchange): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* body
    } finally {
      exchange.finish()
    }
  }

  return {
    async request(url, { method, headers = {}, body = null, timeoutMs, maxBytes, whenLarger = 'fail', maxRedirects = 0, signal }) {
      const target = toTarget(url, privateTargets)
      const { host } = target
      const first: Hop = { target, method, headers: toHeaders(headers, host), body }
      if (isClosed) throw new EgressFailed('closed', { host })
      signal?.throwIfAborted()
      const exchange = beginExchange(host, timeoutMs, signal, (done) => underWay.delete(done))
      underWay.add(exchange)
      try {
        const { hop, answer } = await follow(first, maxRedirects, exchange)
        exchange.enter('body')
        const drop = (): void => {
          answer.drop()
          exchange.finish()
        }
        if (whenLarger === 'fail' && hop.method !== 'HEAD' && Number(answer.headers['content-length'] ?? 0) > maxBytes) {
          drop()
          throw new EgressTooLarge(maxBytes, { host: hop.target.host })
        }
        return { status: answer.status, headers: answer.headers, url: hop.target.href, body: finishing(capped(answer, { maxBytes, whenLarger }, hop.target.host), exchange), drop }
      } catch (error) {
        exchange.finish()
        throw error
      }
    },
    check: (url) => void toTarget(url, privateTargets),
    async close() {
      isClosed = true
      for (const exchange of underWay) exchange.abort(new EgressFailed('closed'))
      await connections.close()
    },
  }
}
