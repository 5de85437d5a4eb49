import { describe, expect, it } from 'vitest'
import { CursorInvalid, type Change } from '../../../src/store/store.ts'
import { GATEWAY, type CursorRow, type DeliveryRow, type WebhookRow } from '../../../src/store/webhooks.ts'
import type { Bench } from '../store.ts'
import { walk } from './rows.ts'

const webhook = (id: string, fields: Partial<WebhookRow> = {}): WebhookRow => ({
  id, url: 'https://example.com/hook', sessions: ['sales'], events: ['message.*'], headers: { 'X-Key': 'secret' }, ordering: 'chat', enabled: true, disabledReason: null, disabledAt: null, enabledAt: 1,
  secrets: [{ secret: 'whsec_bmV3', expiresAt: null }, { secret: 'whsec_b2xk', expiresAt: 5 }], createdAt: 1, updatedAt: 1, ...fields,
})
const delivery = (webhookId: string, seq: number, fields: Partial<DeliveryRow> = {}): Change => ({
  kind: 'delivery.put',
  delivery: { webhookId, seq, eventId: `evt_${seq}`, type: 'message.received', chatId: null, state: 'delivered', apart: false, attempts: 1, step: 0, nextAt: null, status: 200, error: null, at: seq, durationMs: 3, ...fields },
})
const cursor = (webhookId: string, seq: number, fields: Partial<CursorRow> = {}): Change => ({ kind: 'webhook.cursor', cursor: { webhookId, seq, failingSince: null, succeededAt: null, ...fields } })
const bySession = (one: { readonly sessionId: string }, other: { readonly sessionId: string }): number => (one.sessionId < other.sessionId ? -1 : 1)
const seqs = (rows: readonly DeliveryRow[]): number[] => rows.map(({ seq }) => seq)

/** Webhooks, cursors and deliveries. */
export function testWebhooks(bench: Bench): void {
  let hooks = 0
  const newHook = (): string => `whk_${++hooks}`

  describe('webhooks', () => {
    it('are read as they were put, and replaced, and gone', async () => {
      const id = newHook()
      const row = webhook(id)
      await bench.seen(bench.store.commit(GATEWAY, [{ kind: 'webhook.put', webhook: row }]), async () => expect(await bench.store.webhooks.get(id)).toEqual(row))
      const other = webhook(id, { enabled: false, disabledReason: 'gone', disabledAt: 7, sessions: null, events: null })
      await bench.seen(bench.store.commit(GATEWAY, [{ kind: 'webhook.put', webhook: other }]), async () => expect(await bench.store.webhooks.get(id)).toEqual(other))
      await bench.seen(bench.store.commit(GATEWAY, [{ kind: 'webhook.delete', id }]), async () => expect(await bench.store.webhooks.get(id)).toBeNull())
    })

    it('are listed newest first, and are no session', async () => {
      const ids = [newHook(), newHook(), newHook()]
      await bench.store.commit(GATEWAY, ids.map((id, place) => ({ kind: 'webhook.put', webhook: webhook(id, { createdAt: 100 + Math.min(place, 1) }) })))
      const found = (await walk(2, (request) => bench.store.webhooks.page(request))).map(({ id }) => id).filter((id) => ids.includes(id))
      expect(found).toEqual([ids[2], ids[1], ids[0]])
      expect(await bench.store.sessions.get(GATEWAY)).toBeNull()
      await expect(bench.store.webhooks.page({ limit: 1, cursor: 'nonsense' })).rejects.toThrow(CursorInvalid)
    })
  })

  describe('cursors of webhooks', () => {
    it('belong to a webhook and a session, and outlive the session', async () => {
      const [id, other, hook] = [bench.newSession(), bench.newSession(), newHook()]
      const { store } = bench
      expect(await store.webhooks.cursor(id, hook)).toBeNull()
      await bench.seen(store.commit(id, [cursor(hook, 4), cursor(hook, 5, { failingSince: 8, succeededAt: 7 })]), async () => {
        expect(await store.webhooks.cursor(id, hook)).toEqual({ webhookId: hook, sessionId: id, seq: 5, failingSince: 8, succeededAt: 7 })
      })
      await store.commit(other, [cursor(hook, 1)])
      await store.commit(id, [delivery(hook, 1), { kind: 'session.delete' }])
      expect((await store.webhooks.cursors()).filter(({ webhookId }) => webhookId === hook).map(({ sessionId, seq }) => ({ sessionId, seq })).toSorted(bySession)).toEqual([{ sessionId: id, seq: 5 }, { sessionId: other, seq: 1 }].toSorted(bySession))
      expect(seqs(await store.webhooks.recorded(id, hook, 0, 9))).toEqual([1])
    })
  })

  describe('deliveries', () => {
    it('keep every field, and their place when they change', async () => {
      const [id, hook] = [bench.newSession(), newHook()]
      const { store } = bench
      const changed: Partial<DeliveryRow> = { state: 'parked', apart: true, attempts: 6, step: 5, nextAt: 1_700_000_000_000, status: null, error: 'no answer', at: 9, durationMs: null, chatId: 'c' }
      await bench.seen(store.commit(id, [delivery(hook, 1), delivery(hook, 2), delivery(hook, 1, changed)]), async () => {
        expect((await store.webhooks.recorded(id, hook, 0, 1))[0]).toEqual({ webhookId: hook, sessionId: id, seq: 1, eventId: 'evt_1', type: 'message.received', ...changed })
        expect(seqs((await store.webhooks.deliveries(hook, null, { limit: 9, cursor: null })).rows)).toEqual([2, 1])
      })
      expect(seqs(await store.webhooks.recorded(id, hook, 1, 2))).toEqual([2])
    })

    it('are listed over all sessions, by state or not, newest first', async () => {
      const [id, other, hook] = [bench.newSession(), bench.newSession(), newHook()]
      const { store } = bench
      void store.commit(id, [delivery(hook, 1), delivery(hook, 2, { state: 'failed' }), delivery(newHook(), 3)])
      void store.commit(other, [delivery(hook, 10), delivery(hook, 11, { state: 'pending' })])
      expect(seqs(await walk(1, (request) => store.webhooks.deliveries(hook, null, request)))).toEqual([11, 10, 2, 1])
      expect(seqs(await walk(1, (request) => store.webhooks.deliveries(hook, 'delivered', request)))).toEqual([10, 1])
      expect(seqs(await walk(3, (request) => store.webhooks.deliveries(hook, 'parked', request)))).toEqual([])
    })

    it('wait apart from their lanes in the order they are due', async () => {
      const [id, hook] = [bench.newSession(), newHook()]
      const { store } = bench
      const apart = (seq: number, nextAt: number): Change => delivery(hook, seq, { state: 'parked', apart: true, nextAt })
      await store.commit(id, [apart(4, 20), apart(3, 20), apart(2, 30), apart(1, 10), delivery(hook, 5, { state: 'pending', nextAt: 1 })])
      expect(seqs(await store.webhooks.waiting(id, hook, 3))).toEqual([1, 3, 4])
      await store.commit(id, [delivery(hook, 1)])
      expect(seqs(await store.webhooks.waiting(id, hook, 9))).toEqual([3, 4, 2])
    })

    it('are forgotten after a seq', async () => {
      const [id, hook] = [bench.newSession(), newHook()]
      await bench.store.commit(id, [1, 2, 3].map((seq) => delivery(hook, seq)))
      await bench.store.commit(id, [{ kind: 'delivery.rewind', webhookId: hook, seq: 1 }])
      expect(seqs(await bench.store.webhooks.recorded(id, hook, 0, 9))).toEqual([1])
    })

    it('are bounded by age and by number, a few at a time, and only below the cursor', async () => {
      const [id, hook] = [bench.newSession(), newHook()]
      const { store } = bench
      const left = async (): Promise<number[]> => seqs(await store.webhooks.recorded(id, hook, 0, 99))
      const prune = (fields: object): Promise<void> => store.commit(id, [{ kind: 'delivery.prune', webhookId: hook, state: 'delivered', upTo: 6, before: 0, keep: 99, limit: 99, ...fields }])
      await store.commit(id, [1, 2, 3, 4, 5, 6, 7].map((seq) => delivery(hook, seq, seq === 2 ? { state: 'failed' } : {})))
      await prune({ before: 4, limit: 1 })
      expect(await left()).toEqual([2, 3, 4, 5, 6, 7])
      await prune({ before: 4 })
      expect(await left()).toEqual([2, 4, 5, 6, 7])
      await prune({ keep: 1, limit: 1 })
      expect(await left()).toEqual([2, 4, 6, 7])
      await prune({ keep: 0 })
      expect(await left()).toEqual([2, 7])
      await prune({ state: 'failed', keep: 0 })
      expect(await left()).toEqual([7])
    })

    it('go in pieces with their webhook, the cursor last', async () => {
      const [id, hook] = [bench.newSession(), newHook()]
      const { store } = bench
      await store.commit(id, [cursor(hook, 3), delivery(hook, 1), delivery(hook, 2), delivery(hook, 3)])
      const drop = (): Promise<void> => store.commit(id, [{ kind: 'delivery.drop', webhookId: hook, limit: 2 }])
      await drop()
      expect(await store.webhooks.recorded(id, hook, 0, 9)).toHaveLength(1)
      expect(await store.webhooks.cursor(id, hook)).not.toBeNull()
      await drop()
      expect(await store.webhooks.recorded(id, hook, 0, 9)).toEqual([])
      expect(await store.webhooks.cursor(id, hook)).toBeNull()
    })
  })

  it('the log tells how far each session has come', async () => {
    const [id, other] = [bench.newSession(), bench.newSession()]
    const event: Change = { kind: 'event.append', event: { id: 'evt_1', type: 't', chatId: null, data: '{}', at: 1 } }
    await bench.seen(bench.store.commit(id, [event, event, { kind: 'session.delete' }]), async () => {
      const heads = await bench.store.events.heads()
      expect([heads.get(id), heads.get(other)]).toEqual([2, undefined])
    })
  })
}
