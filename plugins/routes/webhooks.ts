import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from '@sinclair/typebox'
import { PageQuery, pageOf } from '../../schemas/page.ts'
import { ref } from '../../schemas/ref.ts'
import { Delivery, DeliveryParams, DeliveryQuery, NewWebhook, Webhook, WebhookParams, WebhookPatch, WebhookReplay, WebhookReplayed, WebhookTest, WebhookWithSecret } from '../../schemas/webhook.ts'
import { nextPageLink } from '../../src/http/page-link.ts'
import { toPageRequest } from '../../src/http/page-request.ts'
import { parseDeliveryId } from '../../src/webhooks/delivery-id.ts'
import { toDelivery, toWebhook, toWebhookWithSecret } from '../../src/webhooks/view.ts'

const TAGS = ['Webhooks']
const params = WebhookParams

/** Endpoints that events are posted to. */
export const webhookRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/webhooks', {
    schema: {
      operationId: 'listWebhooks', tags: TAGS, summary: 'List webhooks', description: 'Every webhook, newest first.',
      querystring: PageQuery,
      response: { 200: pageOf(Webhook, 'A page of webhooks.') },
    },
  }, async (request, reply) => {
    const { rows, next } = await app.webhooks.page(toPageRequest(request.query))
    if (next !== null) reply.header('link', nextPageLink(request.url, next))
    return rows.map((row) => toWebhook(row, Date.now()))
  })

  app.post('/webhooks', {
    schema: {
      operationId: 'createWebhook', tags: TAGS, summary: 'Create a webhook', description: 'Posts each event that happens from now on to a URL, at least once, signed as [Standard Webhooks](https://www.standardwebhooks.com) says. The secret is shown only in this answer.',
      body: ref(NewWebhook),
      response: { 201: { ...ref(WebhookWithSecret), description: 'The webhook, with its secret.' } },
      errors: ['URL_NOT_ALLOWED', 'TOO_MANY_WEBHOOKS'],
      requestExamples: {
        all: { summary: 'Every event of every session', value: { url: 'https://example.com/whatsapp' } },
        messages: { summary: 'The messages of one session, with a header of your own', value: { url: 'https://example.com/whatsapp', sessions: ['sales'], events: ['message.*'], headers: { Authorization: 'Bearer my-token' } } },
        strict: { summary: 'One at a time, in order', value: { url: 'https://example.com/whatsapp', ordering: 'strict' } },
      },
    },
  }, async ({ body }, reply) => reply.code(201).send(toWebhookWithSecret(await app.webhooks.create(body), Date.now())))

  app.get('/webhooks/:webhook_id', {
    schema: {
      operationId: 'getWebhook', tags: TAGS, summary: 'Get a webhook', description: 'One webhook as it is now.', params,
      response: { 200: ref(Webhook) },
      errors: ['WEBHOOK_NOT_FOUND'],
    },
  }, async (request) => toWebhook(await app.webhooks.require(request.params.webhook_id), Date.now()))

  app.patch('/webhooks/:webhook_id', {
    schema: {
      operationId: 'updateWebhook', tags: TAGS, summary: 'Change a webhook', description: 'Changes what is given and leaves the rest. Switched on again, it goes on where it stopped. Sessions it did not hear of before are told from now on.',
      params, body: ref(WebhookPatch),
      response: { 200: ref(Webhook) },
      errors: ['WEBHOOK_NOT_FOUND', 'URL_NOT_ALLOWED'],
      requestExamples: { on: { summary: 'Switch it on again', value: { enabled: true } } },
    },
  }, async (request) => toWebhook(await app.webhooks.patch(request.params.webhook_id, request.body), Date.now()))

  app.delete('/webhooks/:webhook_id', {
    schema: {
      operationId: 'deleteWebhook', tags: TAGS, summary: 'Remove a webhook', description: 'Delivers nothing more, and forgets what was delivered.', params,
      response: { 204: Type.Null({ description: 'The webhook is gone.' }) },
      errors: ['WEBHOOK_NOT_FOUND'],
    },
  }, async (request, reply) => {
    await app.webhooks.remove(request.params.webhook_id)
    return reply.code(204).send(null)
  })

  app.post('/webhooks/:webhook_id/test', {
    schema: {
      operationId: 'testWebhook', tags: TAGS, summary: 'Try a webhook', description: 'Posts an event of type `webhook.test`, once, and waits for the answer, 15 seconds at most. Works for a webhook that is off, too.', params,
      response: { 200: ref(WebhookTest) },
      errors: ['WEBHOOK_NOT_FOUND'],
    },
  }, async (request) => app.webhooks.test(request.params.webhook_id))

  app.post('/webhooks/:webhook_id/rotate-secret', {
    schema: {
      operationId: 'rotateWebhookSecret', tags: TAGS, summary: 'Rotate the secret', description: 'Makes a new secret, shown only in this answer. For 24 hours deliveries are signed with both, so receivers can change over; `X-Hub-Signature-256`, which holds one signature, is made with the new one at once.', params,
      response: { 200: ref(WebhookWithSecret) },
      errors: ['WEBHOOK_NOT_FOUND'],
    },
  }, async (request) => toWebhookWithSecret(await app.webhooks.rotate(request.params.webhook_id), Date.now()))

  app.post('/webhooks/:webhook_id/replay', {
    config: { owner: ({ body }) => (body as WebhookReplay).session ?? null },
    schema: {
      operationId: 'replayWebhook', tags: TAGS, summary: 'Deliver again', description: 'Delivers events again under their old ids: those of a session from one on, those of a range, or all that failed or are parked. Retried deliveries and replays carry the same `webhook-id`.',
      params, body: ref(WebhookReplay),
      response: { 202: { ...ref(WebhookReplayed), description: 'They are on their way.' } },
      errors: ['WEBHOOK_NOT_FOUND', 'EVENTS_GONE', 'OWNER_UNAVAILABLE'],
      requestExamples: { from: { summary: 'All from an event on', value: { type: 'range', session: 'sales', from: 1200 } }, failed: { summary: 'All that failed', value: { type: 'failed' } } },
    },
  }, async (request, reply) => reply.code(202).send({ events: await app.webhooks.replay(request.params.webhook_id, request.body) }))

  app.get('/webhooks/:webhook_id/deliveries', {
    schema: {
      operationId: 'listDeliveries', tags: TAGS, summary: 'List deliveries', description: 'What became of each event, newest first. Of each session the last 500 that succeeded and 5,000 that failed are kept, for 7 days.',
      params, querystring: DeliveryQuery,
      response: { 200: pageOf(Delivery, 'A page of deliveries.') },
      errors: ['WEBHOOK_NOT_FOUND'],
    },
  }, async (request, reply) => {
    const { rows, next } = await app.webhooks.deliveries(request.params.webhook_id, request.query.state ?? null, toPageRequest(request.query))
    if (next !== null) reply.header('link', nextPageLink(request.url, next))
    return rows.map(toDelivery)
  })

  app.post('/webhooks/:webhook_id/deliveries/:delivery_id/redeliver', {
    config: { owner: ({ params: place }) => parseDeliveryId((place as Static<typeof DeliveryParams>).delivery_id)?.sessionId ?? null },
    schema: {
      operationId: 'redeliverDelivery', tags: TAGS, summary: 'Make a delivery again', description: 'Tries one delivery now, whatever became of it before.', params: DeliveryParams,
      response: { 202: { ...ref(Delivery), description: 'It is on its way.' } },
      errors: ['WEBHOOK_NOT_FOUND', 'DELIVERY_NOT_FOUND', 'EVENTS_GONE', 'OWNER_UNAVAILABLE'],
    },
  }, async (request, reply) => reply.code(202).send(toDelivery(await app.webhooks.redeliver(request.params.webhook_id, request.params.delivery_id))))
}
