import { spawn } from 'node:child_process'
import { expect, it, onTestFinished } from 'vitest'
import type { WebhookWithSecret } from '../../../schemas/webhook.ts'
import { freePort } from '../../house/program.ts'
import { startGateway } from '../../support/gateway.ts'
import { until } from '../../support/wait.ts'

const LONGEST_MS = 90_000
const OWNER = '34600000001'
const ANA = '34600000002'

it('the example receiver takes what Puente sends, and nothing else', async () => {
  const gateway = await startGateway()
  onTestFinished(() => gateway.close())
  await gateway.link('sales', OWNER)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  const { body: made } = await gateway.call<WebhookWithSecret>('POST', '/webhooks', { body: { url, events: ['message.received'] } })

  const receiver = spawn(process.execPath, ['examples/webhook-receiver.mjs'], { env: { PATH: process.env['PATH'] ?? '', WEBHOOK_SECRET: made.secret, PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void receiver.kill())
  let printed = ''
  receiver.stdout.setEncoding('utf8').on('data', (piece: string) => (printed += piece))
  await until(() => printed.includes('Listens on'), 'the receiver to listen')

  gateway.simulator.addContact({ phone: ANA, name: 'Ana' })
  await gateway.simulator.say(ANA, { to: OWNER, type: 'text', text: 'Are you open today?' })
  await until(() => printed.includes('Are you open today?'), 'the event')
  expect(printed).toMatch(/ sales \d+ message\.received: Are you open today\?\n/)

  const forged = await fetch(url, { method: 'POST', body: '{"type":"message.received","data":{"message":{"text":"forged"}}}', headers: { 'webhook-id': 'evt_1', 'webhook-timestamp': String(Math.floor(Date.now() / 1000)), 'webhook-signature': 'v1,AAAA' } })
  expect(forged.status).toBe(401)
  expect(printed).not.toContain('forged')

  await gateway.call('POST', `/webhooks/${made.id}/rotate-secret`)
  await gateway.simulator.say(ANA, { to: OWNER, type: 'text', text: 'And tomorrow?' })
  await until(() => printed.includes('And tomorrow?'), 'the event after a rotation')
}, LONGEST_MS)
