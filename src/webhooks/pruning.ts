import type { WebhookChange } from '../store/webhooks.ts'

/** How many settled deliveries of one webhook and session are kept, and for how long. */
const KEPT = { delivered: 500, failed: 5000 } as const
const KEPT_MS = 7 * 24 * 60 * 60 * 1000
/** So that no commit takes long. */
const LIMIT = 1000

/** What bounds the settled deliveries of one webhook and session. `upTo` is its cursor: what became of later events must not be forgotten. */
export const pruned = (webhookId: string, upTo: number, nowMs: number): WebhookChange[] =>
  (['delivered', 'failed'] as const).map((state) => ({ kind: 'delivery.prune', webhookId, state, upTo, before: nowMs - KEPT_MS, keep: KEPT[state], limit: LIMIT }))
