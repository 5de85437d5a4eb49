import { setMaxListeners } from 'node:events'
import { v7 as uuid } from 'uuid'
import type { TestEvent } from '../../schemas/event.ts'
import type { WebhookReplay, WebhookTest } from '../../schemas/webhook.ts'
import type { Ownership } from '../cluster/lease.ts'
import type { Egress } from '../egress/egress.ts'
import { EgressRefused } from '../egress/failures.ts'
import { Problem } from '../errors.ts'
import { entryOf } from '../events/record.ts'
import type { Page, PageRequest, Store } from '../store/store.ts'
import type { DeliveryRow, DeliveryState, WebhookRow } from '../store/webhooks.ts'
import { redeliver, replay } from './again.ts'
import { attempt } from './attempt.ts'
import { toBody } from './body.ts'
import { parseDeliveryId } from './delivery-id.ts'
import { dispatcher } from './dispatcher.ts'
import { postThrough } from './post.ts'
import { webhookRegistry, type WebhookRegistry } from './registry.ts'
import { timingOf, type Haste } from './schedule.ts'
import { hearsSession } from './subscription.ts'

/** Webhooks: which there are, and that they get what they hear of. */
export interface Webhooks extends Omit<WebhookRegistry, 'all' | 'disable'> {
  /** Posts an event that nothing happened for, whether the webhook is on or not, and waits for the answer. */
  test(id: string): Promise<WebhookTest>
  /** How many events are delivered again. */
  replay(id: string, wanted: WebhookReplay): Promise<number>
  deliveries(id: string, state: DeliveryState | null, request: PageRequest): Promise<Page<DeliveryRow>>
  redeliver(id: string, deliveryId: string): Promise<DeliveryRow>
  /** Goes on where the last run ended. */
  start(): Promise<void>
  close(): Promise<void>
}

/** What webhooks work with. */
export interface WebhooksParts {
  readonly store: Store
  /** Which sessions run here: only their events are delivered from here. */
  readonly ownership: Ownership
  readonly egress: Egress
  readonly warn: (error: unknown, words: string) => void
  /** Divides the times; only tests give it. */
  readonly haste?: Haste | undefined
}

const REASONS = { gone: 'The endpoint answered 410: it wants nothing any more.', failing: 'The endpoint has answered nothing but failures for 5 days.' } as const

/** Delivers nothing before it is started. */
export function webhooksOf({ store, ownership, egress, warn, haste }: WebhooksParts): Webhooks {
  const timing = timingOf(haste)
  const post = postThrough(egress)
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  const dispatch = dispatcher({ store, ownership, post, timing, warn, disable: (id, reason) => void switchOff(id, reason).catch((error: unknown) => warn(error, 'a webhook cannot be switched off')) })
  const { all, disable, ...registry } = webhookRegistry({ store, checkUrl, onChange: dispatch.changed })
  let unlisten = (): void => undefined

  function checkUrl(url: string): void {
    try {
      egress.check(url)
    } catch (error) {
      throw error instanceof EgressRefused ? new Problem('URL_NOT_ALLOWED', error.message, { errors: [{ path: '/body/url', message: `is refused by the rule '${error.rule}'` }] }) : error
    }
  }

  async function switchOff(id: string, reason: 'gone' | 'failing'): Promise<void> {
    const webhook = await disable(id, reason)
    if (webhook !== null) await tell(webhook, 'webhook.disabled', { webhookId: id, reason: REASONS[reason] })
  }

  /** In the log of every session that the webhook hears of. */
  async function tell<T extends 'webhook.disabled' | 'webhook.enabled'>(webhook: WebhookRow, type: T, data: Parameters<typeof entryOf<T>>[2]): Promise<void> {
    for (const sessionId of (await store.events.heads()).keys()) {
      if (!hearsSession(webhook, sessionId) || (await store.sessions.get(sessionId)) === null) continue
      await store.commit(sessionId, [{ kind: 'event.append', event: entryOf(type, null, data, Date.now()) }])
    }
  }

  /** Another node changed webhooks, or what the others wrote could not be heard for a while. */
  function refresh(): void {
    all().then(dispatch.refresh, (error: unknown) => warn(error, 'webhooks that another node changed cannot be read'))
  }

  return {
    ...registry,
    async patch(id, wanted) {
      const before = await registry.require(id)
      const after = await registry.patch(id, wanted)
      if (after.enabled && !before.enabled) await tell(after, 'webhook.enabled', { webhookId: id })
      if (before.enabled && !after.enabled) await tell(after, 'webhook.disabled', { webhookId: id, reason: 'It was switched off by hand.' })
      return after
    },
    async test(id) {
      const webhook = await registry.require(id)
      const eventId = `evt_${uuid()}`
      const event: TestEvent = { id: eventId, type: 'webhook.test', session: null, seq: null, timestamp: new Date().toISOString(), data: { webhookId: id } }
      const { kind, status, durationMs, ...outcome } = await attempt(post, webhook, eventId, toBody(event), timing.timeoutMs, closing.signal)
      return { delivered: kind === 'delivered', eventId, status, error: 'error' in outcome ? outcome.error : null, durationMs }
    },
    replay: async (id, wanted) => replay(store, dispatch.followerOf, await registry.require(id), wanted),
    async deliveries(id, state, request) {
      await registry.require(id)
      return store.webhooks.deliveries(id, state, request)
    },
    async redeliver(id, deliveryId) {
      await registry.require(id)
      return redeliver(store, dispatch.followerOf, id, parseDeliveryId(deliveryId))
    },
    async start() {
      unlisten = store.onTold(null, (sessionId) => {
        if (sessionId === '') refresh()
        else dispatch.ring(sessionId)
      })
      await dispatch.start(await all())
    },
    async close() {
      unlisten()
      closing.abort()
      await dispatch.close()
    },
  }
}
