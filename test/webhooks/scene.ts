import { onTestFinished } from 'vitest'
import { entryOf } from '../../src/events/record.ts'
import { openMemory } from '../../src/store/memory.ts'
import type { Change, Store } from '../../src/store/store.ts'
import type { DeliveryRow, WebhookRow } from '../../src/store/webhooks.ts'
import { outcomeOf } from '../../src/webhooks/attempt.ts'
import { follower, type Follower } from '../../src/webhooks/follower.ts'
import { timingOf } from '../../src/webhooks/schedule.ts'
import { newSecret } from '../../src/webhooks/signature.ts'

/** What came in at the endpoint. */
export interface Received {
  readonly seq: number
  readonly chatId: string | null
  readonly status: number | null
}

/** A follower over a memory store, with an endpoint in the place of the network. */
export interface FollowerScene {
  readonly store: Store
  readonly received: Received[]
  /** As many attempts as were ever under way at once. */
  readonly most: () => number
  readonly follower: () => Follower
  readonly gone: () => number
  readonly webhook: WebhookRow
  change(fields: Partial<WebhookRow>): void
  /** Appends events of these chats to the log, and rings. */
  tell(...chats: (string | null)[]): Promise<void>
  deliveries(): Promise<readonly DeliveryRow[]>
  cursor(): Promise<number | null>
  /** A new follower takes over, as after a restart. `isKilled`: nothing of the old one is waited for. */
  restart(): Promise<void>
}

/** An endpoint's answer that stands for an event which cannot even be sent. */
export const BROKEN = -1

/** What the endpoint answers; a number is a status, null no answer. `nth`: how often this seq came, from 1. */
export type Endpoint = (seq: number, nth: number, chatId: string | null, signal: AbortSignal) => number | null | Promise<number | null>

const SESSION = 'sales'

/** The scene; times are divided by `divisor`. */
export async function followerScene(endpoint: Endpoint, { divisor = 1000, ...fields }: Partial<WebhookRow> & { readonly divisor?: number } = {}): Promise<FollowerScene> {
  const store = openMemory()
  const received: Received[] = []
  const times = new Map<number, number>()
  let now = 0
  let most = 0
  let gone = 0
  let webhook: WebhookRow = {
    id: 'whk_1', url: 'https://example.com', sessions: null, events: null, headers: {}, ordering: 'chat', enabled: true, disabledReason: null, disabledAt: null, enabledAt: 0,
    secrets: [{ secret: newSecret(), expiresAt: null }], createdAt: 0, updatedAt: 0, ...fields,
  }
  const make = (): Follower =>
    follower({
      sessionId: SESSION, store, timing: timingOf({ schedule: divisor, timeout: 1 }), webhook: () => webhook, tried: () => undefined, warn: () => undefined,
      gone: () => void (gone += 1),
      gapEvent: (from, to) => entryOf('webhook.gap', null, { webhookId: webhook.id, from, to }, Date.now()),
      async deliver(_webhook, { seq, chatId }, signal) {
        now += 1
        most = Math.max(most, now)
        const nth = (times.get(seq) ?? 0) + 1
        times.set(seq, nth)
        const status = await endpoint(seq, nth, chatId, signal)
        if (status === BROKEN) throw new Error('the event has no shape')
        now -= 1
        if (!signal.aborted) received.push({ seq, chatId, status })
        return { ...outcomeOf(status === null ? { status: null, error: 'no answer' } : { status, retryAfter: null }, Date.now()), durationMs: 1 }
      },
    })
  let current = make()
  const silence = store.onTold(SESSION, () => current.wake())
  onTestFinished(async () => {
    silence()
    await current.stop(AbortSignal.abort())
  })
  return {
    store, received,
    most: () => most,
    follower: () => current,
    gone: () => gone,
    webhook,
    change: (more) => void (webhook = { ...webhook, ...more }),
    tell: (...chats) => store.commit(SESSION, chats.map((chatId): Change => ({ kind: 'event.append', event: { ...entryOf('session.open', chatId, { state: 'open', reason: null, linked: true, user: null }, Date.now()) } }))),
    deliveries: async () => store.webhooks.recorded(SESSION, webhook.id, 0, Number.MAX_SAFE_INTEGER),
    cursor: async () => (await store.webhooks.cursor(SESSION, webhook.id))?.seq ?? null,
    async restart() {
      await current.stop(AbortSignal.abort())
      current = make()
      current.hurry()
    },
  }
}
