import { describe, expect, it } from 'vitest'
import type { Delivery, Webhook, WebhookWithSecret } from '../../schemas/webhook.ts'
import { entryOf } from '../../src/events/record.ts'
import type { Change } from '../../src/store/store.ts'
import { toDeliveryId } from '../../src/webhooks/delivery-id.ts'
import { testApp, type TestApp } from '../support/app.ts'

const URL = 'https://example.com/hook'
const UNKNOWN = 'whk_019ae0c8-5f2b-7cc1-9d0c-2f4a3c1b7e11'
const create = async (test: TestApp, body: object = {}): Promise<WebhookWithSecret> => (await test.ask('POST', '/webhooks', { body: { url: URL, ...body } })).json()
const delivery = (webhookId: string, seq: number, state: Delivery['state'] = 'delivered'): Change => ({
  kind: 'delivery.put',
  delivery: { webhookId, seq, eventId: `evt_${seq}`, type: 'session.open', chatId: null, state, apart: false, attempts: 1, step: 0, nextAt: null, status: 200, error: null, at: 5, durationMs: 3 },
})
const told = (count: number): Change[] => Array.from({ length: count }, () => ({ kind: 'event.append', event: entryOf('session.deleted', null, {}, Date.now()) }))

describe('POST /webhooks', () => {
  it('201 with its secret, which is shown nowhere else', async () => {
    const test = await testApp()
    const answer = await test.ask('POST', '/webhooks', { body: { url: URL, sessions: ['sales'], events: ['message.*', 'session.open'], headers: { Authorization: 'Bearer hush' }, ordering: 'strict' } })
    const made = answer.json<WebhookWithSecret>()
    expect(answer.statusCode).toBe(201)
    expect(made).toMatchObject({ url: URL, sessions: ['sales'], events: ['message.*', 'session.open'], headers: { Authorization: '***' }, ordering: 'strict', enabled: true, disabledReason: null })
    expect(made.secret).toMatch(/^whsec_/)
    const shown = [await test.ask('GET', `/webhooks/${made.id}`), await test.ask('GET', '/webhooks'), await test.ask('PATCH', `/webhooks/${made.id}`, { body: { enabled: true } })]
    for (const { body } of shown) expect(body).not.toMatch(/whsec_|hush/)
  })

  it('starts at the end of each log there is', async () => {
    const test = await testApp()
    await test.store.commit('old', told(3))
    const { id } = await create(test)
    expect((await test.store.webhooks.cursors()).map(({ webhookId, sessionId, seq }) => [webhookId, sessionId, seq])).toEqual([[id, 'old', 3]])
    await test.ask('PATCH', `/webhooks/${id}`, { body: { sessions: ['old'] } })
    expect((await test.store.webhooks.cursor('old', id))?.seq).toBe(3)
  })

  it.each([
    ['/body/url', { url: 'javascript:alert(1)' }],
    ['/body/url', { url: 'https://example.com/a b' }],
    ['/body/events/0', { events: ['message.typo'] }],
    ['/body/events/0', { events: ['presence.updated'] }],
    ['/body/sessions/0', { sessions: ['../x'] }],
    ['/body/headers/Host', { headers: { Host: 'other' } }],
    ['/body/headers/webhook-id', { headers: { 'webhook-id': '1' } }],
    ['/body/headers/X', { headers: { X: 'a\r\nb: c' } }],
    ['/body/headers/x-a', { headers: { 'X-A': '1', 'x-a': '2' } }],
    ['/body/colour', { colour: 'blue' }],
  ])('400 names %s', async (path, body) => {
    const answer = await (await testApp()).ask('POST', '/webhooks', { body: { url: URL, ...body } })
    expect(answer.statusCode).toBe(400)
    expect(answer.json<{ errors: { path: string }[] }>().errors.map((error) => error.path)).toContain(path)
  })

  it.each([
    ['http://169.254.169.254/latest', 'metadata'], ['http://127.0.0.1/', 'loopback'], ['http://[::1]/', 'loopback'], ['http://10.0.0.1/', 'private'], ['https://user:pass@example.com/', 'credentials'], ['http://example.com:25/', 'port'],
  ])('422 for %s', async (url, rule) => {
    const answer = await (await testApp()).ask('POST', '/webhooks', { body: { url } })
    expect(answer.statusCode).toBe(422)
    expect(answer.json()).toMatchObject({ code: 'URL_NOT_ALLOWED', errors: [{ path: '/body/url', message: expect.stringContaining(`'${rule}'`) as string }] })
    expect(answer.body).not.toContain('user:pass')
  })
})

describe('one webhook', () => {
  it.each(['GET', 'PATCH', 'DELETE'] as const)('404 for %s of an unknown one', async (method) => {
    const answer = await (await testApp()).ask(method, `/webhooks/${UNKNOWN}`, method === 'PATCH' ? { body: { enabled: true } } : {})
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, 'WEBHOOK_NOT_FOUND'])
  })

  it('changes only what is given, and keeps values that come back as they were shown', async () => {
    const test = await testApp()
    const { id } = await create(test, { headers: { A: 'secret', B: 'other' }, events: ['call.*'] })
    const patched = (await test.ask('PATCH', `/webhooks/${id}`, { body: { url: 'https://example.com/new', headers: { A: '***', C: 'c' } } })).json<Webhook>()
    expect(patched).toMatchObject({ url: 'https://example.com/new', events: ['call.*'], headers: { A: '***', C: '***' } })
    expect((await test.store.webhooks.get(id))?.headers).toEqual({ A: 'secret', C: 'c' })
    expect((await test.ask('PATCH', `/webhooks/${id}`, { body: {} })).statusCode).toBe(400)
    expect((await test.ask('PATCH', `/webhooks/${id}`, { body: { url: 'http://127.0.0.1' } })).statusCode).toBe(422)
  })

  it('is switched off and on, which the logs of its sessions tell', async () => {
    const test = await testApp()
    await test.link('sales')
    const { id } = await create(test)
    expect((await test.ask('PATCH', `/webhooks/${id}`, { body: { enabled: false } })).json<Webhook>()).toMatchObject({ enabled: false, disabledReason: null, disabledAt: expect.any(String) as string })
    expect((await test.ask('PATCH', `/webhooks/${id}`, { body: { enabled: true } })).json<Webhook>()).toMatchObject({ enabled: true, disabledAt: null })
    const types = (await test.store.events.after('sales', 0, 99)).filter(({ data }) => data.includes(id)).map(({ type }) => type)
    expect(types).toEqual(['webhook.disabled', 'webhook.enabled'])
  })

  it('204 and then 404 when it is removed, with all that was stored of it', async () => {
    const test = await testApp()
    await test.store.commit('sales', told(1))
    const { id } = await create(test)
    await test.store.commit('sales', [delivery(id, 1)])
    expect((await test.ask('DELETE', `/webhooks/${id}`)).statusCode).toBe(204)
    expect((await test.ask('GET', `/webhooks/${id}`)).statusCode).toBe(404)
    expect((await test.ask('GET', `/webhooks/${id}/deliveries`)).statusCode).toBe(404)
    await expect.poll(async () => (await test.store.webhooks.cursors()).length).toBe(0)
    expect((await test.store.webhooks.deliveries(id, null, { limit: 9, cursor: null })).rows).toEqual([])
  })

  it('rotates its secret, and tells until when the old one counts', async () => {
    const test = await testApp()
    const made = await create(test)
    const rotated = (await test.ask('POST', `/webhooks/${made.id}/rotate-secret`)).json<WebhookWithSecret>()
    expect(rotated.secret).not.toBe(made.secret)
    const leftMs = Date.parse(rotated.previousSecretExpiresAt ?? '') - Date.now()
    expect(leftMs).toBeGreaterThan(23 * 3_600_000)
    expect(leftMs).toBeLessThanOrEqual(24 * 3_600_000)
    expect((await test.store.webhooks.get(made.id))?.secrets.map(({ secret }) => secret)).toEqual([rotated.secret, made.secret])
  })
})

describe('deliveries', () => {
  it('are listed newest first, by page and by state', async () => {
    const test = await testApp()
    const { id } = await create(test)
    await test.store.commit('sales', [delivery(id, 1), delivery(id, 2, 'failed'), delivery(id, 3)])
    const first = await test.ask('GET', `/webhooks/${id}/deliveries?limit=2`)
    expect(first.json<Delivery[]>().map(({ seq }) => seq)).toEqual([3, 2])
    const next = /<([^>]+)>; rel="next"/.exec(String(first.headers['link']))?.[1] ?? ''
    expect((await test.ask('GET', next)).json<Delivery[]>()).toEqual([{
      id: toDeliveryId({ sessionId: 'sales', seq: 1 }), session: 'sales', seq: 1, eventId: 'evt_1', type: 'session.open', chatId: null, state: 'delivered', attempts: 1,
      nextAttemptAt: null, status: 200, error: null, durationMs: 3, updatedAt: '1970-01-01T00:00:00.005Z',
    }])
    expect((await test.ask('GET', `/webhooks/${id}/deliveries?state=failed`)).json<Delivery[]>().map(({ seq }) => seq)).toEqual([2])
    expect((await test.ask('GET', `/webhooks/${id}/deliveries?state=lost`)).statusCode).toBe(400)
    expect((await test.ask('GET', `/webhooks/${id}/deliveries?cursor=x`)).statusCode).toBe(400)
  })

  it('202 for one that is to be made again, 404 for an unknown one, 410 when its event is gone', async () => {
    const test = await testApp()
    await test.store.commit('sales', told(2))
    const { id } = await create(test)
    await test.store.commit('sales', [delivery(id, 1), delivery(id, 2, 'failed'), { kind: 'event.prune', before: Date.now() + 1000 }])
    const again = (seq: number) => test.ask('POST', `/webhooks/${id}/deliveries/${toDeliveryId({ sessionId: 'sales', seq })}/redeliver`)
    expect((await again(2)).json()).toMatchObject({ state: 'pending', seq: 2 })
    expect((await test.store.webhooks.waiting('sales', id, 9)).map(({ seq, step }) => [seq, step])).toEqual([[2, 0]])
    expect([(await again(9)).statusCode, (await again(1)).statusCode]).toEqual([404, 410])
    expect((await test.ask('POST', `/webhooks/${id}/deliveries/dlv_x/redeliver`)).statusCode).toBe(404)
  })
})

describe('replays', () => {
  const scene = async (): Promise<{ test: TestApp; id: string; replay: (body: object) => ReturnType<TestApp['ask']>; cursor: () => Promise<number | undefined> }> => {
    const test = await testApp()
    await test.store.commit('sales', told(6))
    const { id } = await create(test)
    return {
      test, id,
      replay: (body) => test.ask('POST', `/webhooks/${id}/replay`, { body }),
      cursor: async () => (await test.store.webhooks.cursor('sales', id))?.seq,
    }
  }

  it('202: all from an event on, by moving the cursor back', async () => {
    const { replay, cursor } = await scene()
    const answer = await replay({ type: 'range', session: 'sales', from: 3 })
    expect([answer.statusCode, answer.json(), await cursor()]).toEqual([202, { events: 4 }, 2])
  })

  it('202: a range, beside what is new', async () => {
    const { test, id, replay, cursor } = await scene()
    expect((await replay({ type: 'range', session: 'sales', from: 2, to: 4 })).json()).toEqual({ events: 3 })
    expect(await cursor()).toBe(6)
    expect((await test.store.webhooks.waiting('sales', id, 9)).map(({ seq }) => seq)).toEqual([2, 3, 4])
  })

  it('202: all that failed or are parked', async () => {
    const { test, id, replay } = await scene()
    await test.store.commit('sales', [delivery(id, 1, 'failed'), delivery(id, 2), delivery(id, 3, 'parked')])
    await test.store.commit('other', [delivery(id, 1, 'failed')])
    expect((await replay({ type: 'failed', session: 'sales' })).json()).toEqual({ events: 2 })
    expect((await test.store.webhooks.waiting('sales', id, 9)).map(({ seq }) => seq)).toEqual([1, 3])
    expect((await replay({ type: 'failed' })).json()).toEqual({ events: 1 })
  })

  it('410 before the log begins, 400 where it has not come to or there is none', async () => {
    const { test, replay } = await scene()
    expect((await replay({ type: 'range', session: 'sales', from: 7 })).json()).toMatchObject({ status: 400, errors: [{ path: '/body/from' }] })
    expect((await replay({ type: 'range', session: 'nobody', from: 1 })).json()).toMatchObject({ status: 400, errors: [{ path: '/body/session' }] })
    expect((await replay({ type: 'range', session: 'sales', from: 3, to: 2 })).json()).toMatchObject({ status: 400, errors: [{ path: '/body/to' }] })
    expect((await replay({ type: 'all' })).statusCode).toBe(400)
    await test.store.commit('sales', [{ kind: 'event.prune', before: Date.now() + 1000 }])
    const gone = (await replay({ type: 'range', session: 'sales', from: 3 })).json<{ detail: string }>()
    const { first } = await test.store.events.bounds('sales')
    expect(gone).toMatchObject({ status: 410, code: 'EVENTS_GONE', oldestSeq: first, after: String(first - 1) })
    expect((await test.ask('GET', '/sessions/sales/events?after=1')).json()).toMatchObject({ detail: gone.detail, oldestSeq: first, after: String(first - 1) })
  })
})
