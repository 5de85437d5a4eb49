/** What stands in the place of a header's value wherever it is shown. */
export const HIDDEN_VALUE = '***'

/** What the connection, the body or the signature decides (RFC 9110, 7.6.1, and Standard Webhooks). */
const OURS = new Set([
  'host', 'connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect', 'http2-settings', 'accept-encoding', 'x-hub-signature-256', 'x-hub-signature', 'user-agent',
])
const OUR_PREFIXES = ['webhook-', 'content-', 'proxy-']
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/
const VALUE = /^[\x20-\x7e]{0,1024}$/

/** What is wrong with a header that somebody wants on deliveries, in words, or null. */
export function headerFault(name: string, value: string): string | null {
  const lower = name.toLowerCase()
  if (!NAME.test(name)) return 'is not the name of a header'
  if (OURS.has(lower) || OUR_PREFIXES.some((prefix) => lower.startsWith(prefix))) return 'is a header that Puente sets itself'
  return VALUE.test(value) ? null : 'must be at most 1,024 printable ASCII characters'
}

type Headers = Readonly<Record<string, string>>

/** The headers as they are shown: their values are secrets. */
export const hidden = (headers: Headers): Record<string, string> => Object.fromEntries(Object.keys(headers).map((name) => [name, HIDDEN_VALUE]))

/** The headers as they are to be stored: a value that came back as it was shown stays what it was. */
export const kept = (wanted: Headers, before: Headers): Headers => Object.fromEntries(Object.entries(wanted).map(([name, value]) => [name, value === HIDDEN_VALUE ? (before[name] ?? value) : value]))
