import type { Delivery, Webhook, WebhookWithSecret } from '../../schemas/webhook.ts'
import type { DeliveryRow, WebhookRow } from '../store/webhooks.ts'
import { hidden } from './custom-headers.ts'
import { toDeliveryId } from './delivery-id.ts'

/** Unix milliseconds as RFC 3339. */
const toTime = (at: number | null | undefined): string | null => (at === null || at === undefined ? null : new Date(at).toISOString())

/** A webhook as it is shown: without its secrets, and without the values of its headers. */
export const toWebhook = ({ id, url, sessions, events, headers, ordering, enabled, disabledReason, disabledAt, secrets, createdAt, updatedAt }: WebhookRow, nowMs: number): Webhook => ({
  id, url,
  sessions: sessions === null ? null : [...sessions],
  events: events === null ? null : ([...events] as NonNullable<Webhook['events']>),
  headers: hidden(headers),
  ordering, enabled, disabledReason,
  disabledAt: toTime(disabledAt),
  previousSecretExpiresAt: toTime(secrets.find(({ expiresAt }) => expiresAt !== null && expiresAt > nowMs)?.expiresAt),
  createdAt: new Date(createdAt).toISOString(),
  updatedAt: new Date(updatedAt).toISOString(),
})

/** The same with the newest secret: for the answers that show it, once. */
export const toWebhookWithSecret = (webhook: WebhookRow, nowMs: number): WebhookWithSecret => ({ ...toWebhook(webhook, nowMs), secret: webhook.secrets[0]?.secret ?? '' })

/** A delivery as it is shown. */
export const toDelivery = ({ sessionId, seq, eventId, type, chatId, state, attempts, nextAt, status, error, durationMs, at }: DeliveryRow): Delivery => ({
  id: toDeliveryId({ sessionId, seq }), session: sessionId, seq, eventId, type, chatId, state, attempts,
  nextAttemptAt: toTime(nextAt), status, error, durationMs, updatedAt: new Date(at).toISOString(),
})
