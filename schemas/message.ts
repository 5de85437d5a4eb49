import { Type, type Static } from '@sinclair/typebox'
import { ChatId } from './chat.ts'
import { MessageContent } from './message-content.ts'
import { Person } from './person.ts'
import { nullable, oneOf, ref } from './ref.ts'
import { SessionId } from './session.ts'

/** Every kind of message that is recognised. */
export const MESSAGE_TYPES = [
  'text', 'image', 'video', 'gif', 'videoNote', 'audio', 'voice', 'document', 'sticker', 'album', 'location', 'liveLocation',
  'contacts', 'poll', 'event', 'groupInvite', 'product', 'order', 'list', 'buttons', 'template', 'interactive', 'reply',
  'payment', 'call', 'newsletterInvite', 'pin', 'keep', 'timer', 'system', 'undecryptable', 'unsupported',
] as const

/** What kind of message it is. */
export const MessageType = oneOf(MESSAGE_TYPES, { $id: 'MessageType', description: 'What kind of message it is. `reply` answers buttons or a list; `system` is a notice; `undecryptable` is replaced when the content arrives.' })
export type MessageType = Static<typeof MessageType>

/** The states of a message of ours, in order. */
export const MESSAGE_STATES = ['queued', 'sending', 'sent', 'delivered', 'read', 'played', 'failed', 'expired'] as const

/** How far a message of ours has come. */
export const MessageState = oneOf(MESSAGE_STATES, { $id: 'MessageState', description: "queued: accepted here. sending: on its way. sent: WhatsApp's server has it. delivered, read, played: the recipient's phone says so. failed: refused, see `error`. expired: never sent in time." })
export type MessageState = Static<typeof MessageState>

const at = (meaning: string) => Type.Optional(Type.String({ format: 'date-time', description: meaning }))

/** When a message of ours reached each state; a state it never was in is left out. */
export const StateTimes = Type.Object(
  {
    queuedAt: at('Accepted here.'),
    sendingAt: at('Handed to the connection.'),
    sentAt: at("Taken by WhatsApp's server."),
    deliveredAt: at("On the recipient's phone; in a group on the first member's."),
    readAt: at('Read.'),
    playedAt: at('Heard or watched.'),
    failedAt: at('Given up, see `error`.'),
    expiredAt: at('Not sent in time.'),
  },
  { $id: 'StateTimes', description: 'When a message of ours reached each state; a state it never was in is left out.' },
)
export type StateTimes = Static<typeof StateTimes>

/** Somebody's emoji on a message. */
export const Reaction = Type.Object(
  { from: ref(Person), emoji: Type.String(), timestamp: Type.Integer({ description: 'Unix seconds.' }) },
  { $id: 'Reaction', description: "Somebody's emoji on a message." },
)
export type Reaction = Static<typeof Reaction>

/** What is known of a media file; the bytes themselves are fetched apart. */
export const Media = Type.Object(
  {
    mimetype: Type.String(),
    fileName: nullable(Type.String()),
    sizeBytes: nullable(Type.Integer()),
    durationSeconds: nullable(Type.Integer()),
    width: nullable(Type.Integer()),
    height: nullable(Type.Integer()),
    sha256: nullable(Type.String({ description: 'Base64 of the SHA-256 of the file.' })),
  },
  { $id: 'Media', description: 'A media file, by reference.' },
)
export type Media = Static<typeof Media>

/** The message that is answered. */
export const Quoted = Type.Object(
  { id: Type.String(), from: nullable(ref(Person)), type: ref(MessageType), text: nullable(Type.String()) },
  { $id: 'Quoted', description: 'The message that is answered.' },
)
export type Quoted = Static<typeof Quoted>

/** A message, as it stands now. */
export const Message = Type.Object(
  {
    id: Type.String({ description: 'Chosen by the sender; unique only within a chat and sender.' }),
    chatId: Type.String({ description: 'The canonical JID of the chat.' }),
    from: ref(Person),
    fromMe: Type.Boolean(),
    type: ref(MessageType),
    text: nullable(Type.String(), { description: 'The body or the caption, or null without one.' }),
    content: nullable(ref(MessageContent), { description: 'What it says besides: a place, cards, a poll and the like; null for kinds that say nothing else.' }),
    timestamp: Type.Integer({ description: 'Unix seconds.' }),
    state: nullable(ref(MessageState), { description: 'How far a message of ours has come; null for the messages of others.' }),
    stateTimes: nullable(ref(StateTimes), { description: 'When a message of ours reached each state; null for the messages of others.' }),
    error: nullable(Type.String(), { description: 'Why the message failed, or null.' }),
    quoted: nullable(ref(Quoted)),
    mentions: Type.Array(Type.String(), { description: 'Canonical ids of the people mentioned.' }),
    reactions: Type.Array(ref(Reaction)),
    edited: Type.Boolean(),
    editedAt: nullable(Type.String({ format: 'date-time' })),
    deleted: Type.Boolean(),
    deletedAt: nullable(Type.String({ format: 'date-time' })),
    media: nullable(ref(Media)),
  },
  { $id: 'Message', description: 'A message, as it stands now.' },
)
export type Message = Static<typeof Message>

/** The path of one message. */
export const MessageParams = Type.Object(
  { session_id: SessionId, chat_id: ChatId, message_id: Type.String({ minLength: 1, maxLength: 128, description: "The message's id." }) },
  { additionalProperties: false },
)
export type MessageParams = Static<typeof MessageParams>

/** How a send may be asked to answer. */
export const SendHeaders = Type.Object({
  prefer: Type.Optional(Type.String({ maxLength: 256, description: '`respond-async` answers 202 at once; `wait=N` waits N seconds, 25 at most (RFC 7240).', examples: ['wait=5'] })),
  'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 256, pattern: '^[\\x21-\\x7e]+$', description: 'A key of your own for this message: the same key sends it once, however often the call is repeated.' })),
})

/** What became of a send by the time of the answer. */
export const SentMessage = Type.Object(
  {
    status: oneOf(['sent', 'queued'] as const, { description: "`sent` once WhatsApp's server has it, `queued` while it waits for the connection." }),
    messageId: Type.String(),
    timestamp: Type.Integer({ description: 'Unix seconds.' }),
    message: nullable(Type.String(), { description: 'The text sent, or null for kinds without one.' }),
  },
  { $id: 'SentMessage', description: 'What became of a send.' },
)
export type SentMessage = Static<typeof SentMessage>
