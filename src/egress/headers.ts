import { validateHeaderName, validateHeaderValue } from 'node:http'
import { version } from '../version.ts'
import { EgressRefused } from './failures.ts'

/** Header names and values, as somebody wishes them. */
export type Headers = Readonly<Record<string, string>>

/** What the exchange itself decides: where it goes, how long it is, how it is framed, and that nothing is packed. */
const OURS = new Set(['host', 'connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'content-length', 'expect', 'accept-encoding', 'http2-settings'])
/** What may still be said to another origin after a redirect: all else may be a secret meant for the first. */
const HARMLESS = new Set(['accept', 'accept-encoding', 'accept-language', 'content-type', 'user-agent'])

/** Whether a header may be sent for somebody: its name is one, its value has no line break, and it is not one that the exchange decides. */
export function isAllowedHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch {
    return false
  }
  const lower = name.toLowerCase()
  return !OURS.has(lower) && !lower.startsWith('proxy-')
}

/** The headers that go out, names in lower case. A packed answer is not asked for, since none is unpacked here. Throws {@link EgressRefused}. */
export function toHeaders(headers: Headers, host: string): Headers {
  const given = Object.entries(headers)
  if (!given.every(([name, value]) => isAllowedHeader(name, value))) throw new EgressRefused('header', { host })
  return { 'user-agent': `Puente/${version}`, ...Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value])), 'accept-encoding': 'identity' }
}

/** The headers that go on to another origin. */
export const harmless = (headers: Headers): Headers => Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS.has(name.toLowerCase())))

/** Without what describes a body. */
export const withoutBody = (headers: Headers): Headers => Object.fromEntries(Object.entries(headers).filter(([name]) => !/^content-/i.test(name)))
