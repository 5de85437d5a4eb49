import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { seeded } from '../random.ts'
import { verified } from '../../support/standard-webhooks.ts'

/**
 * An endpoint that dies: it notes each answer before it gives it, as `path id session seq chat status latencyMs atMs`. RECEIVER_FAILS and
 * RECEIVER_HANGS are the shares in percent that it answers with 500 or not at all; RECEIVER_SECRETS the secret by path, as JSON.
 */
const env = process.env
const fails = Number(env['RECEIVER_FAILS'] ?? 0) / 100
const hangs = Number(env['RECEIVER_HANGS'] ?? 0) / 100
const secrets = JSON.parse(env['RECEIVER_SECRETS'] ?? '{}') as Readonly<Record<string, string>>
const book = openSync(env['RECEIVER_BOOK'] ?? '', 'a')
const random = seeded(Number(env['RECEIVER_SEED'] ?? 0), 'receiver')

const server = createServer((request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const path = request.url ?? ''
    const body = Buffer.concat(pieces).toString()
    const event = JSON.parse(body) as { id: string; session: string; seq: number; timestamp: string; data: { message?: { chatId?: string } } }
    let status = random.chance(hangs) ? 0 : random.chance(fails) ? 500 : 200
    try {
      verified(secrets[path] ?? '', { headers: request.headers, body })
      if (request.headers['webhook-id'] !== event.id) status = 499
    } catch {
      status = 499
    }
    writeSync(book, `${path} ${event.id} ${event.session} ${event.seq} ${event.data.message?.chatId ?? '-'} ${status} ${Date.now() - Date.parse(event.timestamp)} ${Date.now()}\n`)
    if (status !== 0) response.writeHead(status).end()
  })
})
server.listen(Number(env['RECEIVER_PORT'] ?? 0), '127.0.0.1', () => process.stdout.write(`listens ${JSON.stringify(server.address())}\n`))
