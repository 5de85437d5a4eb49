import type { IncomingHttpHeaders } from 'node:http'
import { LRUCache } from 'lru-cache'
import { Pool, type Dispatcher } from 'undici'
import type { PrivateTargets } from './address.ts'
import { capped, drop, type Cap } from './body.ts'
import { guardedConnector, type Resolve } from './connector.ts'
import { beginExchange, type Exchange } from './exchange.ts'
import { EgressFailed, EgressTooLarge, isEgressFailure, toFailure } from './failures.ts'
import { toHeaders, type Headers } from './headers.ts'
import { nextHop, type Hop, type Method } from './redirect.ts'
import { toTarget } from './target.ts'

const CONNECT_TIMEOUT_MS = 10_000
/** Origins whose connections are kept for the next request. */
const MAX_ORIGINS = 256
/** One origin may serve many webhooks at once; what is over waits. */
const MAX_CONNECTIONS_AN_ORIGIN = 256
const KEEP_ALIVE_MS = 10_000
/** A server may ask for more, but its address is checked when connecting: not too rarely. */
const MAX_KEEP_ALIVE_MS = 60_000

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
  /** Read it once, or `drop` it; what is never read ends with the time-out. Packed bodies stay packed. */
  readonly body: AsyncIterable<Uint8Array>
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

/** Lets what is under way end; a pool that `close` destroyed has nothing. */
const close = (pool: Pool): void => {
  if (!pool.destroyed) void pool.close()
}

/** Opens a way out; nothing is connected before the first request. */
export function openEgress({ privateTargets, connectTimeoutMs = CONNECT_TIMEOUT_MS, resolve }: EgressOptions): Egress {
  const connect = guardedConnector(privateTargets, connectTimeoutMs, resolve)
  const pools = new LRUCache<string, Pool>({ max: MAX_ORIGINS, dispose: close })
  const underWay = new Set<Exchange>()
  let isClosed = false

  const poolOf = (origin: string): Pool => {
    const known = pools.get(origin)
    if (known) return known
    const pool = new Pool(origin, { connect, connections: MAX_CONNECTIONS_AN_ORIGIN, keepAliveTimeout: KEEP_ALIVE_MS, keepAliveMaxTimeout: MAX_KEEP_ALIVE_MS })
    pools.set(origin, pool)
    return pool
  }

  const failure = (error: unknown, exchange: Exchange, host: string): unknown => (exchange.signal.aborted ? exchange.signal.reason : toFailure(error, host, connectTimeoutMs))

  const ask = async ({ target, method, headers, body }: Hop, exchange: Exchange): Promise<Dispatcher.ResponseData> => {
    // The exchange has the only clock.
    const answer = poolOf(target.origin).request({ path: target.path, method, headers, body, signal: exchange.signal, headersTimeout: 0, bodyTimeout: 0 })
    try {
      return await exchange.within(answer)
    } catch (error) {
      answer.then((late) => drop(late.body), () => undefined)
      throw failure(error, exchange, target.host)
    }
  }

  /** Follows redirects to the answer that is none. */
  const follow = async (first: Hop, maxRedirects: number, exchange: Exchange): Promise<{ hop: Hop; answer: Dispatcher.ResponseData }> => {
    let hop = first
    for (let redirects = 0; ; redirects++) {
      const answer = await ask(hop, exchange)
      if (maxRedirects === 0) return { hop, answer }
      let next: Hop | null
      try {
        const { location } = answer.headers
        next = nextHop(hop, answer.statusCode, Array.isArray(location) ? location[0] : location, privateTargets)
      } catch (error) {
        drop(answer.body)
        throw error
      }
      if (next === null) return { hop, answer }
      drop(answer.body)
      if (redirects === maxRedirects) throw new EgressFailed('redirects', { host: hop.target.host })
      hop = next
    }
  }

  async function* read(answer: Dispatcher.ResponseData, cap: Cap, exchange: Exchange, host: string): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* capped(answer.body, cap, host)
    } catch (error) {
      throw isEgressFailure(error) ? error : failure(error, exchange, host)
    } finally {
      exchange.finish()
    }
  }

  return {
    async request(url, { method, headers = {}, body = null, timeoutMs, maxBytes, whenLarger = 'fail', maxRedirects = 0, signal }) {
      const target = toTarget(url, privateTargets)
      const first: Hop = { target, method, headers: toHeaders(headers, target.host), body }
      if (isClosed) throw new EgressFailed('closed', { host: target.host })
      signal?.throwIfAborted()
      const exchange = beginExchange(target.host, timeoutMs, signal, (done) => underWay.delete(done))
      underWay.add(exchange)
      try {
        const { hop, answer } = await follow(first, maxRedirects, exchange)
        exchange.enter('body')
        const abandon = (): void => {
          drop(answer.body)
          exchange.finish()
        }
        if (whenLarger === 'fail' && hop.method !== 'HEAD' && Number(answer.headers['content-length'] ?? 0) > maxBytes) {
          abandon()
          throw new EgressTooLarge(maxBytes, { host: hop.target.host })
        }
        return { status: answer.statusCode, headers: answer.headers, url: hop.target.href, body: read(answer, { maxBytes, whenLarger }, exchange, hop.target.host), drop: abandon }
      } catch (error) {
        exchange.finish()
        throw error
      }
    },
    check: (url) => void toTarget(url, privateTargets),
    async close() {
      isClosed = true
      for (const exchange of underWay) exchange.abort(new EgressFailed('closed'))
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
      pools.clear()
    },
  }
}
