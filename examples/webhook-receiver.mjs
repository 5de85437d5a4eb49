// Receives the events of Puente and proves that they come from it. No dependencies; Node 20 or newer.
//
//   WEBHOOK_SECRET=whsec_... PORT=8080 node examples/webhook-receiver.mjs
//
// then create a webhook whose url is http://127.0.0.1:8080/. The secret is in the answer to that call. See docs/webhooks.md.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'

const secret = process.env.WEBHOOK_SECRET
const port = Number(process.env.PORT ?? 8080)
const host = process.env.HOST ?? '127.0.0.1'
const MAX_BODY_BYTES = 64 * 1024
const TOLERANCE_SECONDS = 5 * 60
const REMEMBERED = 10_000

if (!secret?.startsWith('whsec_')) {
  console.error('Set WEBHOOK_SECRET to the secret that came when the webhook was created; it begins with whsec_.')
  process.exit(2)
}

/** Standard Webhooks: true when the body is what Puente signed, and not long ago. */
function isGenuine(headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers
  if (!id || !timestamp || !signatures) return false
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS)) return false
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
  // While a secret is being rotated there are two signatures, with a space between them.
  return signatures.split(' ').some((signature) => {
    const [version, text = ''] = signature.split(',')
    const given = Buffer.from(text, 'base64')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
}

/** Ids that were here before: an event may come twice, and then under the same id. Keep them in your database. */
const seen = new Set()
function isNew(id) {
  if (seen.has(id)) return false
  seen.add(id)
  if (seen.size > REMEMBERED) seen.delete(seen.values().next().value)
  return true
}

function handle(event) {
  const text = event.data?.message?.text
  console.log(`${event.timestamp} ${event.session ?? '-'} ${event.seq ?? '-'} ${event.type}${text ? `: ${text}` : ''}`)
}

const server = createServer((request, response) => {
  const pieces = []
  let size = 0
  request.on('data', (piece) => {
    size += piece.length
    // The signature is over the bytes as they came: keep them, and parse them afterwards.
    if (size <= MAX_BODY_BYTES) pieces.push(piece)
  })
  request.on('end', () => {
    const body = Buffer.concat(pieces)
    if (request.method !== 'POST' || size > MAX_BODY_BYTES || !isGenuine(request.headers, body)) return response.writeHead(401).end()
    // Answer soon, within 15 seconds, and do what takes long afterwards.
    response.writeHead(204).end()
    if (isNew(request.headers['webhook-id'])) handle(JSON.parse(body.toString()))
  })
})
server.listen(port, host, () => console.log(`Listens on http://${host}:${server.address().port}/`))
