import { Type, type Static, type TProperties } from '@sinclair/typebox'
import { nullable, ref } from './ref.ts'

const text = (description: string) => nullable(Type.String(), { description })
const moment = (description: string) => nullable(Type.String({ format: 'date-time' }), { description })
const latitude = Type.Number({ minimum: -90, maximum: 90, description: 'Degrees north.' })
const longitude = Type.Number({ minimum: -180, maximum: 180, description: 'Degrees east.' })

const content = <const T extends string, P extends TProperties>($id: string, type: T, description: string, properties: P) =>
  Type.Object({ type: Type.Literal(type, { type: 'string' }), ...properties }, { $id, description })

/** A place. */
export const LocationContent = content('LocationContent', 'location', 'A place.', {
  latitude, longitude,
  name: text('What the place is called, or null.'),
  address: text('Where it is, in words, or null.'),
  url: text('A page about it, or null.'),
})

/** A place that moves. */
export const LiveLocationContent = content('LiveLocationContent', 'liveLocation', 'Where somebody is, shared for a while; the place at the moment of the message.', {
  latitude, longitude,
  accuracyMeters: nullable(Type.Integer(), { description: 'How exact that is, or null.' }),
})

/** One card. */
export const ContactCard = Type.Object(
  {
    name: text('The name on the card, or null.'),
    phones: Type.Array(Type.String(), { description: 'The numbers on it that WhatsApp knows: digits with the country code.' }),
    vcard: text('The card itself (RFC 2426), or null.'),
  },
  { $id: 'ContactCard', description: 'A contact card.' },
)

/** Contact cards. */
export const ContactsContent = content('ContactsContent', 'contacts', 'Contact cards.', { contacts: Type.Array(ref(ContactCard)) })

/** A poll. */
export const PollContent = content('PollContent', 'poll', 'A poll.', {
  question: Type.String(),
  options: Type.Array(Type.String()),
  selectableCount: Type.Integer({ description: 'How many options one person may choose; 0 for any number.' }),
})

/** An event to answer. */
export const EventContent = content('EventContent', 'event', 'An event that members of the chat answer.', {
  name: Type.String(),
  description: text('More about it, or null.'),
  startsAt: moment('When it begins, or null.'),
  endsAt: moment('When it ends, or null.'),
  place: text('Where, in words, or null.'),
  joinLink: text('A link to a call, or null.'),
  canceled: Type.Boolean(),
})

/** An invitation to a group. */
export const GroupInviteContent = content('GroupInviteContent', 'groupInvite', 'An invitation to a group, for one person.', {
  groupId: text('The id of the group, or null.'),
  name: text('Its subject, or null.'),
  code: text('What lets one in, or null.'),
  expiresAt: moment('Until when, or null.'),
})

/** A product of a catalogue. */
export const ProductContent = content('ProductContent', 'product', "A product of a business's catalogue.", {
  productId: text('Its id in the catalogue, or null.'),
  businessId: text('The canonical id of the business, or null.'),
  title: text('What it is called, or null.'),
  description: text('More about it, or null.'),
  price: nullable(Type.Number(), { description: 'What it costs, or null.' }),
  currency: text('In which currency (ISO 4217), or null.'),
  url: text('A page about it, or null.'),
})

/** An order. */
export const OrderContent = content('OrderContent', 'order', 'An order from a catalogue.', {
  orderId: text('Its id, or null.'),
  title: text('What it is called, or null.'),
  itemCount: nullable(Type.Integer(), { description: 'How many things, or null.' }),
  total: nullable(Type.Number(), { description: 'What it costs in all, or null.' }),
  currency: text('In which currency (ISO 4217), or null.'),
})

/** An answer to buttons or a list. */
export const ReplyContent = content('ReplyContent', 'reply', 'What was chosen from buttons or a list.', {
  selectedId: text('The id of what was chosen, as its sender named it, or null.'),
})

const SHAPES = [LocationContent, LiveLocationContent, ContactsContent, PollContent, EventContent, GroupInviteContent, ProductContent, OrderContent, ReplyContent] as const

/** Every shape of what a message says besides its text and its file. */
export const MESSAGE_CONTENTS = [ContactCard, ...SHAPES] as const

/** What a message says besides its text and its file; `type` is that of the message. */
export const MessageContent = Type.Unsafe<Static<(typeof SHAPES)[number]>>({
  $id: 'MessageContent', description: 'What a message says besides its text and its file; `type` is that of the message.', type: 'object', required: ['type'],
  properties: { type: { type: 'string' } },
  discriminator: { propertyName: 'type' },
  oneOf: SHAPES.map(({ $id }) => Type.Ref(String($id))),
})
export type MessageContent = Static<typeof MessageContent>
export type ContactCard = Static<typeof ContactCard>
