import { Type, type Static } from '@sinclair/typebox'
import { EVENT_TYPES, isStored } from './event.ts'
import { PageQuery } from './page.ts'
import { nullable, oneOf, ref } from './ref.ts'
import { SessionId } from './session.ts'

const MAX_URL_LENGTH = 2048
const MAX_SESSIONS = 1000
const MAX_HEADERS = 20

const stored = EVENT_TYPES.filter(isStored)
/** `message.*` and the like: every type of a family, those to come included. */
const families = [...new Set(stored.map((type) => `${type.split('.')[0] ?? ''}.*`))]

/** What a webhook can ask for. */
export const WebhookEventName = oneOf([...stored, ...families], { $id: 'WebhookEventName', description: 'A type of event, or a family such as `message.*`. What is only told live has no webhook.' })

const url = Type.String({ pattern: '^https?://[!-~]+$', maxLength: MAX_URL_LENGTH, description: 'Where events are posted: an http or https URL. Redirects are not followed.', examples: ['https://example.com/whatsapp'] })
const sessions = nullable(Type.Array(SessionId, { maxItems: MAX_SESSIONS, uniqueItems: true }), { description: 'The sessions it hears of; null for all, those to come included.' })
const events = nullable(Type.Array(ref(WebhookEventName), { maxItems: 200, uniqueItems: true }), { description: 'The types of events it hears of, or families such as `message.*`; null for all.' })
const ordering = oneOf(['chat', 'strict'] as const, {
  description: '`chat`: events of one chat go in order, chats side by side; what fails for long is put aside so that the rest goes on. `strict`: one at a time in the order of `seq`, and nothing passes an event that may still succeed.',
})
const enabled = Type.Boolean({ description: 'Whether anything is delivered. What happens while it is off is delivered when it is on again, as far as the log goes back.' })
const customHeaders = Type.Record(Type.String(), Type.String(), {
  description: 'Headers sent with each delivery, such as `Authorization`. Their values are never shown again: answers have `***` in their place, and a `***` that is sent back leaves a value as it is.',
  maxProperties: MAX_HEADERS, examples: [{ Authorization: 'Bearer my-token' }],
})

/** An endpoint that events are posted to. */
export const Webhook = Type.Object(
  {
    id: Type.String({ examples: ['whk_019ae0c8-5f2b-7cc1-9d0c-2f4a3c1b7e11'] }),
    url, sessions, events,
    headers: customHeaders,
    ordering, enabled,
    disabledReason: nullable(oneOf(['gone', 'failing'] as const), { description: 'Why the gateway switched it off: it answered 410, or nothing but failures for 5 days. Null when it is on, or was switched off by hand.' }),
    disabledAt: nullable(Type.String({ format: 'date-time' }), { description: 'When it was switched off, or null.' }),
    previousSecretExpiresAt: nullable(Type.String({ format: 'date-time' }), { description: 'Until when deliveries are signed with the secret before the last rotation too; null when they are not.' }),
    createdAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
  },
  { $id: 'Webhook', description: 'An endpoint that events are posted to.' },
)
export type Webhook = Static<typeof Webhook>

/** A webhook with what its deliveries are signed with, which is shown only this once. */
export const WebhookWithSecret = Type.Object(
  { ...Webhook.properties, secret: Type.String({ description: 'What deliveries are signed with. It is shown only in this answer.', examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] }) },
  { $id: 'WebhookWithSecret', description: 'A webhook with its new secret.' },
)
export type WebhookWithSecret = Static<typeof WebhookWithSecret>

/** What creates a webhook. */
export const NewWebhook = Type.Object(
  { url, sessions: Type.Optional(sessions), events: Type.Optional(events), headers: Type.Optional(customHeaders), ordering: Type.Optional(ordering), enabled: Type.Optional(enabled) },
  { $id: 'NewWebhook', additionalProperties: false, description: 'A webhook to create.' },
)
export type NewWebhook = Static<typeof NewWebhook>

/** What changes a webhook; what is left out stays. */
export const WebhookPatch = Type.Partial(NewWebhook, { $id: 'WebhookPatch', additionalProperties: false, minProperties: 1, description: 'What to change of a webhook; what is left out stays.' })
export type WebhookPatch = Static<typeof WebhookPatch>

const WEBHOOK_ID = Type.String({ pattern: '^whk_[0-9a-f-]{36}$', description: "The webhook's id." })

/** The path of one webhook. */
export const WebhookParams = Type.Object({ webhook_id: WEBHOOK_ID }, { additionalProperties: false })

/** The path of one delivery. */
export const DeliveryParams = Type.Object({ webhook_id: WEBHOOK_ID, delivery_id: Type.String({ pattern: '^dlv_[A-Za-z0-9_-]{1,128}$', description: "The delivery's id." }) }, { additionalProperties: false })

/** What a test event came to. */
export const WebhookTest = Type.Object(
  {
    delivered: Type.Boolean({ description: 'True when the endpoint answered 2xx.' }),
    eventId: Type.String({ description: 'The `webhook-id` it was sent under.' }),
    status: nullable(Type.Integer(), { description: 'What the endpoint answered, or null without an answer.' }),
    error: nullable(Type.String(), { description: 'What went wrong, in words, or null.' }),
    durationMs: Type.Integer(),
  },
  { $id: 'WebhookTest', description: 'What a test event came to.' },
)
export type WebhookTest = Static<typeof WebhookTest>

/** How far a delivery has come. */
export const DeliveryState = oneOf(['pending', 'delivered', 'parked', 'failed'] as const, {
  $id: 'DeliveryState', description: 'pending: on its way, or to be tried again soon. delivered: answered with 2xx. parked: put aside and tried again at long intervals. failed: not tried again by itself.',
})

/** What became of one event at one webhook. */
export const Delivery = Type.Object(
  {
    id: Type.String(),
    session: Type.String(),
    seq: Type.Integer({ description: "The event's place in the session's log." }),
    eventId: Type.String({ description: "The event's id, which is the `webhook-id` of every attempt." }),
    type: Type.String({ description: "The event's type." }),
    chatId: nullable(Type.String(), { description: 'The chat it belongs to, or null.' }),
    state: ref(DeliveryState),
    attempts: Type.Integer({ description: 'How often it was tried.' }),
    nextAttemptAt: nullable(Type.String({ format: 'date-time' }), { description: 'When it is tried next, or null.' }),
    status: nullable(Type.Integer(), { description: 'What the endpoint answered last, or null without an answer.' }),
    error: nullable(Type.String(), { description: 'Why the last attempt failed, in words, or null.' }),
    durationMs: nullable(Type.Integer(), { description: 'How long the last attempt took.' }),
    updatedAt: Type.String({ format: 'date-time', description: 'When it was last tried or changed.' }),
  },
  { $id: 'Delivery', description: 'What became of one event at one webhook.' },
)
export type Delivery = Static<typeof Delivery>

/** The query of the list of deliveries. */
export const DeliveryQuery = Type.Object({ ...PageQuery.properties, state: Type.Optional(ref(DeliveryState)) }, { additionalProperties: false })

const seq = (description: string) => Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description })

/** The events of a session from one on. */
export const RangeReplay = Type.Object(
  { type: Type.Literal('range', { type: 'string' }), session: SessionId, from: seq('The seq of the first event.'), to: Type.Optional(seq('The seq of the last event; all from the first on when it is left out.')) },
  { $id: 'RangeReplay', additionalProperties: false, description: 'The events of a session from one on, or from one to another.' },
)
/** Everything that has failed or is parked. */
export const FailedReplay = Type.Object(
  { type: Type.Literal('failed', { type: 'string' }), session: Type.Optional(SessionId) },
  { $id: 'FailedReplay', additionalProperties: false, description: 'Everything that has failed or is parked, of all sessions or one.' },
)
/** What is to be delivered again. */
export const WebhookReplay = Type.Unsafe<Static<typeof RangeReplay> | Static<typeof FailedReplay>>({
  $id: 'WebhookReplay', description: 'What is to be delivered again; `type` says how it is chosen.', type: 'object', required: ['type'],
  properties: { type: { type: 'string', description: 'How it is chosen.' } },
  discriminator: { propertyName: 'type' },
  oneOf: [Type.Ref('RangeReplay'), Type.Ref('FailedReplay')],
})
export type WebhookReplay = Static<typeof WebhookReplay>

/** How much a replay takes up. */
export const WebhookReplayed = Type.Object(
  { events: Type.Integer({ description: 'How many events are looked at again; those that the webhook does not hear of are passed over.' }) },
  { $id: 'WebhookReplayed', description: 'How much a replay takes up.' },
)
export type WebhookReplayed = Static<typeof WebhookReplayed>
