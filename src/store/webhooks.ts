import type { Page, PageRequest } from './store.ts'

/** Commits under this id belong to no session: what holds for the gateway as a whole. No session can have it. */
export const GATEWAY = ''

/** A webhook as it is stored; it belongs to the gateway, not to a session. Times in Unix milliseconds. */
export interface WebhookRow {
  /** `whk_` and a UUID v7. */
  readonly id: string
  readonly url: string
  /** Ids of the sessions it hears of; null for all, those to come included. */
  readonly sessions: readonly string[] | null
  /** Event types or families such as `message.*`; null for all. */
  readonly events: readonly string[] | null
  /** Sent with each delivery; the values are secrets. */
  readonly headers: Readonly<Record<string, string>>
  readonly ordering: 'chat' | 'strict'
  readonly enabled: boolean
  /** Why it is off, when it was not by hand: it answered 410, or nothing but failures for days. */
  readonly disabledReason: 'gone' | 'failing' | null
  readonly disabledAt: number | null
  /** When it was last switched on. */
  readonly enabledAt: number
  /** What deliveries are signed with, the newest first; `expiresAt` null for the one that stays. */
  readonly secrets: readonly { readonly secret: string; readonly expiresAt: number | null }[]
  readonly createdAt: number
  readonly updatedAt: number
}

/** How far a webhook has come in one session's log. */
export interface CursorRow {
  readonly webhookId: string
  readonly sessionId: string
  /** Every event up to this one is settled, was not wanted, or has a delivery row that will see to it. */
  readonly seq: number
  /** The first failure after the last success, Unix milliseconds; null when the last attempt succeeded. */
  readonly failingSince: number | null
  /** The last success, Unix milliseconds; null without one. */
  readonly succeededAt: number | null
}

/** The states of a delivery. `parked` waits on the long schedule while later events go on; `failed` is not tried again by itself. */
export const DELIVERY_STATES = ['pending', 'delivered', 'parked', 'failed'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** What became of one event at one webhook. Times in Unix milliseconds. */
export interface DeliveryRow {
  readonly webhookId: string
  readonly sessionId: string
  readonly seq: number
  readonly eventId: string
  readonly type: string
  readonly chatId: string | null
  readonly state: DeliveryState
  /** True while it is tried apart from the order of its lane: parked, replayed or redelivered. */
  readonly apart: boolean
  /** How often it was tried in all. */
  readonly attempts: number
  /** Its place on the schedule. */
  readonly step: number
  /** When it is tried next; null when it is not. */
  readonly nextAt: number | null
  /** The last HTTP status; null where there was no answer. */
  readonly status: number | null
  /** Why the last attempt failed, in words; null after a success. */
  readonly error: string | null
  /** When it was last tried or changed. */
  readonly at: number
  /** How long the last attempt took. */
  readonly durationMs: number | null
}

export interface WebhookReader {
  get(id: string): Promise<WebhookRow | null>
  /** Newest first by `createdAt`, ties by id, descending. */
  page(request: PageRequest): Promise<Page<WebhookRow>>
  /** Every cursor there is, those of deleted webhooks whose rows are not all gone included. */
  cursors(): Promise<readonly CursorRow[]>
  cursor(sessionId: string, webhookId: string): Promise<CursorRow | null>
  /** The deliveries of events after `after` and up to `upTo`, ascending by seq. */
  recorded(sessionId: string, webhookId: string, after: number, upTo: number): Promise<readonly DeliveryRow[]>
  /** Those that are tried apart from their lanes, the one due first first, ties by seq. */
  waiting(sessionId: string, webhookId: string, limit: number): Promise<readonly DeliveryRow[]>
  /** Of all sessions, the one whose row was made last first; `state` null for all. */
  deliveries(webhookId: string, state: DeliveryState | null, request: PageRequest): Promise<Page<DeliveryRow>>
}

/** What is written of webhooks. `webhook.put` and `webhook.delete` are committed under {@link GATEWAY}, all else under the session it concerns. */
export type WebhookChange =
  | { readonly kind: 'webhook.put'; readonly webhook: WebhookRow }
  /** The row alone: cursors and deliveries go by `delivery.drop`. */
  | { readonly kind: 'webhook.delete'; readonly id: string }
  | { readonly kind: 'webhook.cursor'; readonly cursor: Omit<CursorRow, 'sessionId'> }
  /** A row of the same event is replaced, and keeps its place in lists. */
  | { readonly kind: 'delivery.put'; readonly delivery: Omit<DeliveryRow, 'sessionId'> }
  /** Forgets the deliveries of all events after this one. */
  | { readonly kind: 'delivery.rewind'; readonly webhookId: string; readonly seq: number }
  /**
   * Forgets settled deliveries of events up to `upTo`, of one state: those last tried before `before`, and all but the newest `keep`;
   * at most `limit` for either reason.
   */
  | { readonly kind: 'delivery.prune'; readonly webhookId: string; readonly state: 'delivered' | 'failed'; readonly upTo: number; readonly before: number; readonly keep: number; readonly limit: number }
  /** Forgets at most `limit` deliveries; once there are none left, the cursor too. */
  | { readonly kind: 'delivery.drop'; readonly webhookId: string; readonly limit: number }

const PREFIXES = ['webhook.', 'delivery.']

/** True for the changes that concern webhooks. */
export const isWebhookChange = (change: { readonly kind: string }): change is WebhookChange => PREFIXES.some((prefix) => change.kind.startsWith(prefix))
