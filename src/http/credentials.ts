import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const BEARER = /^bearer +(.+)$/i

/** The key a request carries: the first non-empty one of X-Api-Key, Authorization: Bearer, apikey; or null. */
export function keyOf(headers: IncomingHttpHeaders): string | null {
  const bearer = BEARER.exec(headers.authorization ?? '')?.[1]
  for (const value of [headers['x-api-key'], bearer, headers['apikey']]) {
    const key = typeof value === 'string' ? value.trim() : ''
    if (key !== '') return key
  }
  return null
}

/** Compares with the right key in constant time: digests have one length, so neither the key's length nor a common start shows. */
export function keyChecker(key: string): (given: string) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const right = digest(key)
  return (given) => timingSafeEqual(digest(given), right)
}
