import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Event, StoredEvent } from '../../schemas/event.ts'
import { AllEventsQuery, EventsQuery, StreamHeaders } from '../../schemas/events.ts'
import { DEFAULT_PAGE, pageOf } from '../../schemas/page.ts'
import { ref } from '../../schemas/ref.ts'
import { SessionParams } from '../../schemas/session.ts'
import { Problem } from '../../src/errors.ts'
import { parseFilter } from '../../src/events/filter.ts'
import { everywherePage, eventPage, positionAt, seqAt, type Cursor, type EventPage } from '../../src/events/page.ts'
import { everywhereStream, sessionStream } from '../../src/events/sse.ts'
import { preferredType } from '../../src/http/media-type.ts'
import { nextPageLink } from '../../src/http/page-link.ts'
import { placesFor } from '../../src/http/places.ts'
import { textStream, type TextStreamParts } from '../../src/http/text-stream.ts'

const TAGS = ['Events']
const EVENT_STREAM = 'text/event-stream'
/** When somebody else's stream may have ended. */
const RETRY_AFTER_SECONDS = 5
const HOW = [
  'As JSON, a page of events, ascending. `Link` leads on while there is more, and `X-Next-After` is the cursor for what comes later. A page may hold fewer events than its limit, or none, and still have a next one: no page looks through more than 1,000.',
  'With `Accept: text/event-stream` the same events as a stream that goes on live (Server-Sent Events): `event` is the type, `id` the cursor, `data` the event as JSON. A stream that was cut goes on where it was when `Last-Event-ID` is sent. `event: gap` tells that events were removed by age or number before they were read. `presence.updated` comes on streams alone, without an id. A reader that takes nothing for 30 seconds is disconnected.',
].join('\n\n')
const CURSOR = { 'X-Next-After': { type: 'string', description: 'The `after` that goes on behind this page.' } }

/** What is answered: pages or a stream. */
function answers() {
  const { headers, ...page } = pageOf(StoredEvent, 'A page of events.')
  return { 200: { description: 'A page of events, or a stream of them.', headers: { ...(headers as object), ...CURSOR }, content: { 'application/json': { schema: page }, [EVENT_STREAM]: { schema: Type.String({ description: 'Server-Sent Events; each `data` is an event.', contentMediaType: 'application/json', contentSchema: ref(Event) }) } } } }
}

/** The log of a session and of all sessions: page by page, or followed live. */
export const eventRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const places = placesFor(app.config.http.maxStreams)

  app.get('/sessions/:session_id/events', {
    schema: {
      operationId: 'listSessionEvents', tags: TAGS, summary: "List or follow a session's events", description: `What happened in a session, in order. The log of a session that was deleted is readable while it is kept.\n\n${HOW}`,
      params: SessionParams, querystring: EventsQuery, headers: StreamHeaders,
      response: answers(),
      errors: ['SESSION_NOT_FOUND', 'EVENTS_GONE', 'NOT_ACCEPTABLE', 'TOO_MANY_STREAMS'],
    },
  }, async (request, reply) => {
    const { params: { session_id }, query, headers } = request
    const filter = parseFilter(query.types)
    if (isStream(request)) {
      const { after } = await seqAt(app.store, session_id, cursorOf(query.after, headers['last-event-id']))
      return startStream(request, reply, (signal) => sessionStream({ store: app.store, log: app.events, filter }, session_id, after, signal))
    }
    return answerPage(request, reply, await eventPage(app.store, session_id, { cursor: cursorOf(query.after, undefined), filter, limit: query.limit ?? DEFAULT_PAGE }))
  })

  app.get('/events', {
    schema: {
      operationId: 'listEvents', tags: TAGS, summary: 'List or follow all events', description: `What happened in all sessions, in the order in which it was written. Cursors are opaque.\n\n${HOW}`,
      querystring: AllEventsQuery, headers: StreamHeaders,
      response: answers(),
      errors: ['EVENTS_GONE', 'NOT_ACCEPTABLE', 'TOO_MANY_STREAMS'],
    },
  }, async (request, reply) => {
    const { query, headers } = request
    const filter = parseFilter(query.types)
    if (isStream(request)) {
      const position = await positionAt(app.store, cursorOf(query.after, headers['last-event-id']))
      return startStream(request, reply, (signal) => everywhereStream({ store: app.store, log: app.events, filter }, position, signal))
    }
    return answerPage(request, reply, await everywherePage(app.store, { cursor: cursorOf(query.after, undefined), filter, limit: query.limit ?? DEFAULT_PAGE }))
  })

  function startStream(request: FastifyRequest, reply: FastifyReply, source: TextStreamParts['source']): FastifyReply {
    reply.type(`${EVENT_STREAM}; charset=utf-8`).headers({ vary: 'accept', 'cache-control': 'no-store', 'x-accel-buffering': 'no', connection: 'close' })
    if (request.method === 'HEAD') return reply.send('')
    const leave = places.take()
    if (leave === null) throw new Problem('TOO_MANY_STREAMS', `${app.config.http.maxStreams} event streams are open, and no more are held.`, { retryAfterSeconds: RETRY_AFTER_SECONDS })
    reply.raw.once('close', leave)
    return reply.send(textStream({ source, sink: reply.raw, closing: app.drain }))
  }
}

const isStream = ({ headers }: FastifyRequest): boolean => preferredType(headers.accept, ['application/json', EVENT_STREAM]) === EVENT_STREAM

/** An empty header is what a client sends that was told no id yet. */
function cursorOf(after: string | undefined, lastEventId: string | undefined): Cursor | null {
  if (lastEventId !== undefined && lastEventId !== '') return { text: lastEventId, field: '/headers/last-event-id' }
  return after === undefined ? null : { text: after, field: '/query/after' }
}

function answerPage({ url }: FastifyRequest, reply: FastifyReply, { events, after, more }: EventPage): StoredEvent[] {
  reply.headers({ vary: 'accept', 'x-next-after': after, ...(more ? { link: nextPageLink(url, after, 'after') } : {}) })
  return [...events]
}
