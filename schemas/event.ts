import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { callEvents, chatEvents, contactEvents, labelEvents } from './event-chat.ts'
import { channelEvents, groupEvents } from './event-group.ts'
import { messageEvents } from './event-message.ts'
import { accountEvents, sessionEvents, webhookEvents } from './event-session.ts'
import { moment } from './event-shape.ts'

/** Every type of event, by family, in reading order. */
export const EVENT_KINDS = {
  ...messageEvents, ...sessionEvents, ...chatEvents, ...contactEvents, ...groupEvents, ...callEvents, ...labelEvents, ...channelEvents, ...accountEvents, ...webhookEvents,
}

/** The name of a type of event. */
export type EventType = keyof typeof EVENT_KINDS

/** Every name of a type of event. */
export const EVENT_TYPES = Object.keys(EVENT_KINDS) as EventType[]

/** Types that are told live and never stored. */
export const LIVE_EVENT_TYPES = ['presence.updated'] as const satisfies readonly EventType[]
export type LiveEventType = (typeof LIVE_EVENT_TYPES)[number]

/** Types that are posted to one webhook on request, and neither stored nor told to anybody else. */
export const TEST_EVENT_TYPES = ['webhook.test'] as const satisfies readonly EventType[]
export type TestEventType = (typeof TEST_EVENT_TYPES)[number]

/** Types that stand in the log. */
export type StoredEventType = Exclude<EventType, LiveEventType | TestEventType>

/** Whether the type is told live alone. */
export const isLive = (type: EventType): type is LiveEventType => (LIVE_EVENT_TYPES as readonly EventType[]).includes(type)

/** Whether the type is only posted on request, about no session. */
export const isTest = (type: EventType): type is TestEventType => (TEST_EVENT_TYPES as readonly EventType[]).includes(type)

/** Whether the type stands in the log. */
export const isStored = (type: EventType): type is StoredEventType => !isLive(type) && !isTest(type)

/** What the events of one type carry. */
export type EventData<T extends EventType> = Static<(typeof EVENT_KINDS)[T]['data']>

/** An event of one type. */
export interface EventOf<T extends EventType> {
  readonly id: string
  readonly type: T
  readonly session: T extends TestEventType ? null : string
  readonly seq: T extends StoredEventType ? number : null
  /** RFC 3339 UTC with milliseconds. */
  readonly timestamp: string
  readonly data: EventData<T>
}

/** An event that a stream tells: a closed union over `type`. */
export type Event = StoredEvent | LiveEvent

/** An event that stands in the log. */
export type StoredEvent = { [T in StoredEventType]: EventOf<T> }[StoredEventType]

/** An event that is posted on request. */
export type TestEvent = { [T in TestEventType]: EventOf<T> }[TestEventType]

/** An event that is told live alone. */
export type LiveEvent = { [T in LiveEventType]: EventOf<T> }[LiveEventType]

/** `message.received` -> `MessageReceivedEvent`. */
export const eventShapeName = (type: EventType): string => `${type.split(/[._]/).map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')}Event`

const toShape = (type: EventType): TSchema => {
  const { description, data } = EVENT_KINDS[type]
  return Type.Object(
    {
      id: Type.String({ description: 'Unique. The same event has the same id however often and in whichever way it is told.', examples: ['evt_019ae0c8-5f2b-7cc1-9d0c-2f4a3c1b7e11'] }),
      type: Type.Literal(type, { type: 'string' }),
      session: isTest(type) ? Type.Null({ description: 'Always null: it is about no session.' }) : Type.String({ description: 'The id of the session it is about.' }),
      seq: !isStored(type) ? Type.Null({ description: 'Always null: the event is not stored.' }) : Type.Integer({ minimum: 1, description: "Its place in the session's log: from 1, without gaps." }),
      timestamp: moment('When the gateway learnt of it, RFC 3339 UTC with milliseconds.'),
      data,
    },
    { $id: eventShapeName(type), description },
  )
}

/** The shape of every type of event, each with a name of its own. */
export const EVENT_SHAPES: readonly TSchema[] = EVENT_TYPES.map(toShape)

const union = (types: readonly EventType[], $id: string, description: string): object => ({
  $id,
  description,
  type: 'object',
  required: ['type'],
  properties: { type: { type: 'string', description: 'What happened.' } },
  discriminator: { propertyName: 'type' },
  oneOf: types.map((type) => Type.Ref(eventShapeName(type))),
})

/** Something that happened; `type` says what. */
export const Event = Type.Unsafe<Event>(union(EVENT_TYPES.filter((type) => !isTest(type)), 'Event', 'Something that happened; `type` says what.'))

/** Something that happened, as the log has it: all but what is told live alone or posted on request. */
export const StoredEvent = Type.Unsafe<StoredEvent>(union(EVENT_TYPES.filter(isStored), 'StoredEvent', 'Something that happened and is kept in the log; `type` says what.'))
