import type { PrivateTargets } from './address.ts'
import { harmless, withoutBody, type Headers } from './headers.ts'
import { toTarget, type Target } from './target.ts'

/** What can be asked of a URL that somebody else chose. */
export type Method = 'GET' | 'HEAD' | 'POST'

/** One request on its way: the first, or one that a redirect led to. */
export interface Hop {
  readonly target: Target
  readonly method: Method
  readonly headers: Headers
  readonly body: string | Uint8Array | null
}

const SAME_AGAIN = new Set([307, 308])
const OTHER = new Set([301, 302, 303])

/** Where an answer leads, as browsers read it, or null when it is no redirect. Every rule is applied anew; another origin learns nothing of the headers meant for the first. Throws EgressRefused. */
export function nextHop(hop: Hop, status: number, location: string | undefined, privateTargets: PrivateTargets): Hop | null {
  if (location === undefined || (!SAME_AGAIN.has(status) && !OTHER.has(status))) return null
  const target = toTarget(location, privateTargets, hop.target.href)
  const headers = target.origin === hop.target.origin ? hop.headers : harmless(hop.headers)
  const isTurned = hop.method === 'POST' && OTHER.has(status)
  if (isTurned) return { target, method: 'GET', headers: withoutBody(headers), body: null }
  return { target, method: hop.method, headers, body: hop.body }
}
