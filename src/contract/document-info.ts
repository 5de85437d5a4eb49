import { version } from '../version.ts'

/** What the OpenAPI document says about all of the API. */
export const info = {
  title: 'Puente',
  version,
  summary: 'A WhatsApp HTTP API.',
  description: [
    'Link WhatsApp accounts as *sessions*, then read their chats and send messages over HTTP.',
    '**Ids.** A chat or person may be named by a JID (`34600000001@s.whatsapp.net`, `...@g.us`, `...@lid`), by `+E.164` or by bare digits. Answers always carry the one canonical id.',
    '**Lists** are arrays, newest first, `limit` entries a page; the `Link` header with `rel="next"` leads to the next page.',
    '**Errors** are `application/problem+json` (RFC 9457) with a stable `code`; `GET /errors` lists them all. A `retryable` one may succeed later, after `Retry-After` where that is given.',
    '**Keys.** Send the API key as `X-Api-Key`, as `Authorization: Bearer`, or as `apikey`; the first non-empty one counts.',
    '**Request ids.** `X-Request-Id` is echoed, or made up where the caller sends none.',
  ].join('\n\n'),
  license: { name: 'MIT', identifier: 'MIT' },
  contact: { name: 'The Puente authors' },
}

/** The groups of operations, in reading order. */
export const tags = [
  { name: 'Server', description: 'The gateway itself: status, health, versions, the error catalogue.' },
  { name: 'Sessions', description: 'WhatsApp accounts linked, or to be linked, to this gateway.' },
  { name: 'Linking', description: 'QR codes and pairing codes.' },
  { name: 'Chats', description: 'Conversations with people, groups and channels.' },
  { name: 'Messages', description: 'What was said, and saying it.' },
  { name: 'Contacts', description: 'People and what their profiles show.' },
  { name: 'Events', description: 'What happens, in order: a log of each session that is kept for days, read page by page or followed live.' },
  { name: 'Webhooks', description: 'Endpoints that events are posted to, signed, at least once.' },
  { name: 'Sandbox', description: 'A simulated WhatsApp: phones that scan, contacts that write and answer, faults. 404 unless SANDBOX is on.' },
]

/** The three headers a key may come in. */
export const securitySchemes = {
  apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'The API key.' },
  bearer: { type: 'http', scheme: 'bearer', description: 'The API key as a bearer token.' },
  legacyApiKey: { type: 'apiKey', in: 'header', name: 'apikey', description: 'The API key, for clients that send this header.' },
} as const

/** Any one of the three will do. */
export const security: Record<string, string[]>[] = [{ apiKey: [] }, { bearer: [] }, { legacyApiKey: [] }]
