import { isIP } from 'node:net'
import { refusedBy, type PrivateTargets } from './address.ts'
import { EgressRefused } from './failures.ts'
import { BLOCKED_PORTS } from './ports.ts'

/** Longer URLs are not worth an exchange. */
export const MAX_URL_LENGTH = 4096
/** The longest name of DNS. */
const MAX_HOST_LENGTH = 253

/** Where a request goes: a URL that no rule forbids by its looks. */
export interface Target {
  /** Scheme, host and port: connections are shared within one. */
  readonly origin: string
  /** Path and query; secret for all we know. */
  readonly path: string
  /** Host and port, for messages. */
  readonly host: string
  /** The whole URL without its fragment, to resolve a redirect against. */
  readonly href: string
}

const SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:'])
/** The URL standard drops or turns these; who wrote them meant something else. A server's redirect is read as browsers read it. */
const ODD_CHARACTER = /[\s\\\p{Cc}\p{Cf}]/u

/** Reads a URL, relative to another for a redirect, and applies every rule that needs no look-up. A host that is an address is judged here already. Throws {@link EgressRefused}. */
export function toTarget(text: string, privateTargets: PrivateTargets, base?: string): Target {
  const isOdd = base === undefined && ODD_CHARACTER.test(text)
  if (text.length > MAX_URL_LENGTH || isOdd || !URL.canParse(text, base)) throw new EgressRefused('malformed')
  const url = new URL(text, base)
  if (!SCHEMES.has(url.protocol)) throw new EgressRefused('scheme')
  const host = url.host
  if (url.username !== '' || url.password !== '') throw new EgressRefused('credentials', { host })
  if (url.hostname === '' || url.hostname.length > MAX_HOST_LENGTH) throw new EgressRefused('malformed')
  if (url.port !== '' && BLOCKED_PORTS.has(Number(url.port))) throw new EgressRefused('port', { host })
  const address = url.hostname.replace(/^\[|\]$/g, '')
  const rule = isIP(address) === 0 ? null : refusedBy(address, privateTargets)
  if (rule !== null) throw new EgressRefused(rule, { host, address })
  url.hash = ''
  return { origin: url.origin, path: url.pathname + url.search, host, href: url.href }
}
