import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { StoredEvent } from '../../../schemas/event.ts'
import type { Session } from '../../../schemas/session.ts'
import type { Webhook, WebhookWithSecret } from '../../../schemas/webhook.ts'
import { killGateways, startGatewayProcess, type GatewayProcess } from '../../support/gateway-process.ts'
import { startLoneSimulator, type LoneSimulator } from '../../support/lone-simulator.ts'
import { startReceiver, type Posted } from '../../support/receiver.ts'
import { verified } from '../../support/standard-webhooks.ts'
import { tempFolder } from '../../support/temp.ts'
import { until } from '../../support/wait.ts'

const KEY = 'key-of-the-tests'
const OWNER = '15550500011'
const WRITERS = ['15550600011', '15550600012', '15550600013']
const KILLS = 3
/** How much is written that the webhook has not got. */
const MOST_AHEAD = 60
const PATIENCE_MS = 180_000

let simulator: LoneSimulator
beforeAll(async () => {
  simulator = await startLoneSimulator()
}, PATIENCE_MS)
afterEach(killGateways)
afterAll(async () => simulator.stop())

const opened = (gateway: GatewayProcess) => until(async () => (await gateway.call<Session>('GET', '/sessions/one')).body.isLoggedIn, 'the session to be open', 60_000)
const textOf = ({ body }: Posted): string => {
  const event = JSON.parse(body) as StoredEvent
  return event.type === 'message.received' ? (event.data.message.text ?? '') : ''
}

it('kill -9 while people write: a webhook gets all they wrote, in order, and next to nothing twice', async () => {
  const receiver = await startReceiver()
  const env = { API_KEY: KEY, DATA_DIR: tempFolder(), SANDBOX: simulator.controlUrl, LOG_LEVEL: 'silent' }
  let gateway = await startGatewayProcess(env)
  await gateway.call('POST', '/sessions/one?wait=25')
  await simulator.scan((await gateway.call<{ qr: string }>('GET', '/sessions/one/qr?wait=25')).body.qr, { phone: OWNER })
  await opened(gateway)
  const { body: webhook } = await gateway.call<WebhookWithSecret>('POST', '/webhooks', { body: { url: receiver.url, events: ['message.received'] } })
  for (const phone of WRITERS) await simulator.control('POST', '/sandbox/contacts', { phone, name: `Writer ${phone}` })

  const said: string[] = []
  const isOver = new AbortController()
  const writing = Promise.all(WRITERS.map(async (phone) => {
    for (let place = 0; !isOver.signal.aborted; place += 1) {
      const text = `${phone} ${place}`
      await until(() => isOver.signal.aborted || said.length - receiver.posted.length < MOST_AHEAD, 'the webhook to follow', 60_000)
      await simulator.control('POST', `/sandbox/contacts/${phone}/messages`, { to: OWNER, type: 'text', text })
      said.push(text)
    }
  }))
  for (let kill = 0; kill < KILLS; kill += 1) {
    const enough = receiver.posted.length + 20
    await until(() => receiver.posted.length >= enough, 'deliveries', 60_000)
    await gateway.end('SIGKILL')
    gateway = await startGatewayProcess(env)
    await opened(gateway)
  }
  isOver.abort()
  await writing

  await until(() => new Set(receiver.posted.map(textOf)).size >= said.length, 'all that was written', 60_000)
  for (const posted of receiver.posted) expect(verified(webhook.secret, posted)).toMatchObject({ id: posted.headers['webhook-id'], session: 'one' })
  const first = new Map(receiver.posted.map((posted) => [String(posted.headers['webhook-id']), textOf(posted)]))
  expect([...first.values()].toSorted()).toEqual(said.toSorted())
  for (const phone of WRITERS) expect([...first.values()].filter((text) => text.startsWith(phone))).toEqual(said.filter((text) => text.startsWith(phone)))
  // What was under way at a kill, and answered before that was on the disk: one of each chat at most.
  expect(receiver.posted.length - first.size).toBeLessThanOrEqual(KILLS * WRITERS.length)
  expect((await gateway.call<Webhook>('GET', `/webhooks/${webhook.id}`)).body.enabled).toBe(true)
  expect(await gateway.end()).toEqual({ code: 0, signal: null })
}, PATIENCE_MS)
