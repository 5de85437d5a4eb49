import { EVENT_KINDS, EVENT_TYPES, eventShapeName, isLive } from '../../schemas/event.ts'

/** One request that a receiver of events gets, for each type that is posted: the `webhooks` of the document. */
export function webhookOperations(): Record<string, { readonly post: object }> {
  return Object.fromEntries(EVENT_TYPES.filter((type) => !isLive(type)).map((type) => [type, { post: toOperation(type) }]))
}

const toOperation = (type: (typeof EVENT_TYPES)[number]): object => ({
  operationId: `on${eventShapeName(type)}`,
  tags: ['Events'],
  summary: type,
  description: EVENT_KINDS[type].description,
  security: [],
  requestBody: { required: true, content: { 'application/json': { schema: { $ref: `#/components/schemas/${eventShapeName(type)}` } } } },
  responses: { '2XX': { description: 'The event is taken.' }, '4XX': { description: 'The event is refused.' } },
})
