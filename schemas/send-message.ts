import { Type, type Static, type TProperties } from '@sinclair/typebox'
import { ChatId } from './chat.ts'
import { ref } from './ref.ts'

/** WhatsApp's own limit for one message, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 65_536

const MAX_MENTIONS = 1024
const MAX_CARDS = 257
const MAX_CAPTION = 4096

const text = Type.String({ minLength: 1, description: 'The text: at most 65,536 characters, counted in UTF-16 units as phones do.', examples: ['Hello from Puente'] })
const replyTo = Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: 'The id of a message of this chat that is answered.' }))
const mentions = Type.Optional(Type.Array(ChatId, { maxItems: MAX_MENTIONS, uniqueItems: true, description: 'People that the text mentions. WhatsApp shows their names where the text says `@` and their number.' }))

const outgoing = <const T extends string, P extends TProperties>($id: string, type: T, description: string, properties: P) =>
  Type.Object({ type: Type.Literal(type, { type: 'string' }), ...properties, replyTo }, { $id, additionalProperties: false, description })

/** A text. */
export const SendText = outgoing('SendText', 'text', 'A text; `type` may be left out.', { text, mentions })

/** A place. */
export const SendLocation = outgoing('SendLocation', 'location', 'A place.', {
  latitude: Type.Number({ minimum: -90, maximum: 90, description: 'Degrees north.' }),
  longitude: Type.Number({ minimum: -180, maximum: 180, description: 'Degrees east.' }),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 255, description: 'What the place is called.' })),
  address: Type.Optional(Type.String({ minLength: 1, maxLength: 1024, description: 'Where it is, in words.' })),
  url: Type.Optional(Type.String({ format: 'uri', maxLength: 2048, description: 'A page about it.' })),
})

/** A card to send. */
export const SendContactCard = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 255 }),
    phone: Type.String({ pattern: '^\\+?[1-9]\\d{6,14}$', description: 'E.164, with or without the plus sign.', examples: ['+34600000001'] }),
    organization: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  },
  { $id: 'SendContactCard', additionalProperties: false, description: 'A contact card.' },
)

/** Contact cards. */
export const SendContacts = outgoing('SendContacts', 'contacts', 'One or more contact cards.', { contacts: Type.Array(ref(SendContactCard), { minItems: 1, maxItems: MAX_CARDS }) })

/** A poll. */
export const SendPoll = outgoing('SendPoll', 'poll', 'A poll.', {
  question: Type.String({ minLength: 1, maxLength: 255 }),
  options: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { minItems: 2, maxItems: 12, uniqueItems: true, description: 'What can be chosen.' }),
  selectableCount: Type.Optional(Type.Integer({ minimum: 0, maximum: 12, default: 1, description: 'How many options one person may choose; 0 for any number.' })),
})

/** An event. */
export const SendEvent = outgoing('SendEvent', 'event', 'An event that members of the chat answer.', {
  name: Type.String({ minLength: 1, maxLength: 100 }),
  description: Type.Optional(Type.String({ minLength: 1, maxLength: 2048 })),
  startsAt: Type.String({ format: 'date-time', description: 'When it begins.' }),
  endsAt: Type.Optional(Type.String({ format: 'date-time', description: 'When it ends.' })),
  place: Type.Optional(Type.String({ minLength: 1, maxLength: 255, description: 'Where, in words.' })),
})

/** An invitation to a group. */
export const SendGroupInvite = outgoing('SendGroupInvite', 'groupInvite', 'An invitation to a group, for the person it is sent to.', {
  groupId: Type.String({ pattern: '^[0-9-]{10,40}@g\\.us$', description: 'The id of the group.' }),
  code: Type.String({ pattern: '^[A-Za-z0-9_-]{8,64}$', description: 'What lets one in.' }),
  name: Type.String({ minLength: 1, maxLength: 255, description: 'The subject of the group.' }),
  expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'Until when the invitation holds; three days without it.' })),
  text: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_CAPTION, description: 'What is written above it.' })),
})

const SHAPES = [SendText, SendLocation, SendContacts, SendPoll, SendEvent, SendGroupInvite] as const

/** Every shape of what can be sent. */
export const SEND_SHAPES = [SendContactCard, ...SHAPES] as const

/** A message to send; `type` says which kind, and is `text` when it is left out. */
export const SendMessage = Type.Unsafe<Static<(typeof SHAPES)[number]>>({
  $id: 'SendMessage', description: 'A message to send; `type` says which kind. Without it the message is a text.', type: 'object', required: ['type'],
  properties: { type: { type: 'string', default: 'text' } },
  discriminator: { propertyName: 'type' },
  oneOf: SHAPES.map(({ $id }) => Type.Ref(String($id))),
})
export type SendMessage = Static<typeof SendMessage>
export type SendText = Static<typeof SendText>
export type SendLocation = Static<typeof SendLocation>
export type SendContacts = Static<typeof SendContacts>
export type SendPoll = Static<typeof SendPoll>
export type SendEvent = Static<typeof SendEvent>
export type SendGroupInvite = Static<typeof SendGroupInvite>
