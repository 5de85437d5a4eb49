import { Type, type Static } from '@sinclair/typebox'
import { DEFAULT_PAGE, MAX_PAGE } from './page.ts'

const types = Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: 'Only these types, separated by commas; `message.*` is a whole family.', examples: ['message.received,session.*'] }))
const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE, description: 'Events a page, at most; without meaning for a stream.' }))

/** Which events of a session are asked for. */
export const EventsQuery = Type.Object(
  {
    after: Type.Optional(Type.String({ pattern: '^(\\d{1,15}|latest)$', description: 'The seq after which to begin: `0` asks for every event there ever was, `latest` for those to come; without it the oldest one that is kept comes first.', examples: ['42'] })),
    types,
    limit,
  },
  { additionalProperties: false },
)
export type EventsQuery = Static<typeof EventsQuery>

/** Which events of all sessions are asked for. */
export const AllEventsQuery = Type.Object(
  {
    after: Type.Optional(Type.String({ minLength: 1, maxLength: 512, description: 'An opaque cursor, taken from `X-Next-After`, a `Link` header or the `id` of a stream; `latest` asks for the events to come; without it the oldest one that is kept comes first.' })),
    types,
    limit,
  },
  { additionalProperties: false },
)
export type AllEventsQuery = Static<typeof AllEventsQuery>

/** Where a stream was cut. */
export const StreamHeaders = Type.Object({
  'last-event-id': Type.Optional(Type.String({ maxLength: 512, description: 'The `id` that a stream told last; counts instead of `after`. Clients of Server-Sent Events send it by themselves when they connect again.' })),
})
