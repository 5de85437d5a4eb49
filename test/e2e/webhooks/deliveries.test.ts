import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StoredEvent } from '../../../schemas/event.ts'
import type { Delivery, Webhook, WebhookTest, WebhookWithSecret } from '../../../schemas/webhook.ts'
import { startGateway, type Gateway } from '../../support/gateway.ts'
import { startReceiver, type Posted, type Receiver } from '../../support/receiver.ts'
import { verified } from '../../support/standard-webhooks.ts'
import { until } from '../../support/wait.ts'

const START_MS = 60_000
const OWNER = '34600000001'
const ANA = '34600000002'
const eventOf = ({ body }: Posted): StoredEvent => JSON.parse(body) as StoredEvent
const textOf = (posted: Posted): string | null => {
  const event = eventOf(posted)
  return event.type === 'message.received' ? event.data.message.text : null
}

describe('webhooks', () => {
  let gateway: Gateway
  beforeAll(async () => {
    gateway = await startGateway()
    await gateway.link('sales', OWNER)
    gateway.simulator.addContact({ phone: ANA, name: 'Ana' })
  }, START_MS)
  afterAll(async () => gateway.close())

  const create = async (receiver: Receiver, body: object = {}): Promise<WebhookWithSecret> => {
    const { status, body: made } = await gateway.call<WebhookWithSecret>('POST', '/webhooks', { body: { url: receiver.url, ...body } })
    expect(status).toBe(201)
    return made
  }
  const say = (text: string): Promise<unknown> => gateway.simulator.say(ANA, { to: OWNER, type: 'text', text })
  const deliveries = async (id: string): Promise<readonly Delivery[]> => (await gateway.call<Delivery[]>('GET', `/webhooks/${id}/deliveries`)).body

  it('tell what a contact writes, signed, with the headers that were asked for', async () => {
    const receiver = await startReceiver()
    const { id, secret } = await create(receiver, { events: ['message.received'], headers: { 'X-Mine': 'yes' } })
    await say('hola')
    const posted = await until(() => receiver.posted.find((one) => textOf(one) === 'hola'), 'the delivery')
    const event = verified(secret, posted) as StoredEvent
    expect(event).toMatchObject({ type: 'message.received', session: 'sales', data: { message: { text: 'hola', fromMe: false, from: { id: `${ANA}@s.whatsapp.net`, phone: ANA } } } })
    expect(posted.headers).toMatchObject({ 'webhook-id': event.id, 'content-type': 'application/json', 'x-mine': 'yes' })
    expect((await until(async () => (await deliveries(id)).find(({ state }) => state === 'delivered'), 'the row'))).toMatchObject({ eventId: event.id, seq: event.seq, attempts: 1, status: 200, chatId: `${ANA}@s.whatsapp.net` })
    expect(() => verified(secret, { ...posted, body: posted.body.replace('hola', 'holy') })).toThrow(/signature/i)
  })

  it('are verified with the old secret and the new one after a rotation', async () => {
    const receiver = await startReceiver()
    const made = await create(receiver, { events: ['message.received'] })
    const { body: rotated } = await gateway.call<WebhookWithSecret>('POST', `/webhooks/${made.id}/rotate-secret`)
    await say('rotated')
    const posted = await until(() => receiver.posted.find((one) => textOf(one) === 'rotated'), 'the delivery')
    for (const secret of [made.secret, rotated.secret]) expect(verified(secret, posted)).toMatchObject({ type: 'message.received' })
  })

  it('answer a test at once, with what the endpoint said', async () => {
    const receiver = await startReceiver(() => 503)
    const { id, secret } = await create(receiver, { enabled: false })
    const { status, body } = await gateway.call<WebhookTest>('POST', `/webhooks/${id}/test`)
    expect([status, body]).toMatchObject([200, { delivered: false, status: 503 }])
    const [posted] = receiver.posted
    if (!posted) throw new Error('nothing came')
    expect(verified(secret, posted)).toMatchObject({ id: body.eventId, type: 'webhook.test', session: null, data: { webhookId: id } })
    await receiver.close()
    expect((await gateway.call<WebhookTest>('POST', `/webhooks/${id}/test`)).body).toMatchObject({ delivered: false, status: null, error: expect.stringContaining('connection') as string })
  })

  it('are switched off by 410, tell it, and go on where they were when switched on', async () => {
    let isGone = true
    const receiver = await startReceiver(() => (isGone ? 410 : 200))
    const { id } = await create(receiver, { events: ['message.received'] })
    await say('one')
    const off = await until(async () => {
      const { body } = await gateway.call<Webhook>('GET', `/webhooks/${id}`)
      return !body.enabled && body
    }, 'the webhook to be off')
    expect(off).toMatchObject({ disabledReason: 'gone' })
    await say('two')
    isGone = false
    await gateway.call('PATCH', `/webhooks/${id}`, { body: { enabled: true } })
    await until(() => receiver.posted.filter(({ status }) => status === 200).length === 2, 'both')
    expect(receiver.posted.filter(({ status }) => status === 200).map(textOf)).toEqual(['one', 'two'])
    const events = await gateway.app.store.events.after('sales', 0, 1000)
    expect(events.filter(({ data }) => data.includes(id)).map(({ type }) => type)).toEqual(['webhook.disabled', 'webhook.enabled'])
  })

  it('are delivered again: one, or all from a place on, under the same id', async () => {
    const receiver = await startReceiver()
    const { id } = await create(receiver, { events: ['message.received'] })
    await say('again')
    const first = await until(() => receiver.posted.find((one) => textOf(one) === 'again'), 'the delivery')
    const row = await until(async () => (await deliveries(id)).find(({ state }) => state === 'delivered'), 'the row')
    expect((await gateway.call('POST', `/webhooks/${id}/deliveries/${row.id}/redeliver`)).status).toBe(202)
    await until(() => receiver.posted.length === 2, 'the second one')
    expect((await gateway.call('POST', `/webhooks/${id}/replay`, { body: { type: 'range', session: 'sales', from: row.seq } })).status).toBe(202)
    await until(() => receiver.posted.length === 3, 'the third one')
    expect(new Set(receiver.posted.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([first.headers['webhook-id']]))
    expect(new Set(receiver.posted.map(({ body }) => body))).toEqual(new Set([first.body]))
  })

  it('do not wait for each other: one that hangs holds up nobody', async () => {
    const hanging = await startReceiver(() => new Promise(() => undefined))
    const good = await startReceiver()
    await create(hanging, { events: ['message.received'] })
    await create(good, { events: ['message.received'] })
    for (const text of ['a', 'b', 'c']) await say(text)
    await until(() => good.posted.length === 3, 'all three')
    expect(good.posted.map(textOf)).toEqual(['a', 'b', 'c'])
  })

  it('do not follow redirects', async () => {
    const receiver = await startReceiver(() => 307)
    const { id } = await create(receiver, { events: ['message.received'] })
    await say('elsewhere')
    expect(await until(async () => (await deliveries(id)).find(({ state }) => state === 'parked'), 'the row')).toMatchObject({ status: 307, attempts: 1 })
    expect(receiver.posted).toHaveLength(1)
  })
})
