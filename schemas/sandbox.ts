import { Type, type Static } from '@sinclair/typebox'
import { Phone } from './linking.ts'
import { nullable, oneOf, ref } from './ref.ts'
import { SandboxChat } from './sandbox-speech.ts'

const Digits = Type.String({ description: 'E.164 digits without the plus sign.', examples: ['34600000001'] })
const MessageId = Type.String({ minLength: 1, maxLength: 128, description: "A message's id." })
const Name = Type.String({ minLength: 1, maxLength: 100 })

/** A linked device of a simulated account. */
export const SandboxDevice = Type.Object(
  {
    id: Type.Integer({ description: 'Its number within the account, from 1.' }),
    name: Type.String({ description: 'The name shown among linked devices.' }),
    platform: Type.String(),
    linkedAt: Type.String({ format: 'date-time' }),
    online: Type.Boolean({ description: 'True while it is connected.' }),
    pending: Type.Integer({ description: 'Stanzas that wait for it or that it has not acknowledged.' }),
  },
  { $id: 'SandboxDevice', description: 'A linked device of a simulated account.' },
)

/** A simulated account that clients are linked to. */
export const SandboxAccount = Type.Object(
  { phone: Digits, lid: Type.String(), name: Type.String(), devices: Type.Array(ref(SandboxDevice)) },
  { $id: 'SandboxAccount', description: 'A simulated phone that clients are linked to.' },
)

const ADDRESSING = ['lid', 'pn'] as const
const AUTO_RECEIPTS = ['read', 'delivered', 'none'] as const

/** A simulated contact. */
export const SandboxContact = Type.Object(
  {
    phone: Digits,
    lid: Type.String(),
    name: Type.String(),
    addressing: oneOf(ADDRESSING, { description: 'Whether it writes from its hidden identity (LID) or its phone number.' }),
    registered: Type.Boolean({ description: 'False for a number that is not on WhatsApp.' }),
    autoReceipts: oneOf(AUTO_RECEIPTS, { description: 'What it answers by itself to what it receives.' }),
    answersRetries: Type.Boolean({ description: 'Whether it sends again what somebody could not decrypt.' }),
  },
  { $id: 'SandboxContact', description: 'A scripted contact.' },
)

/** A simulated group. */
export const SandboxGroup = Type.Object(
  { id: Type.String({ examples: ['120363000000000001@g.us'] }), subject: Type.String(), participants: Type.Array(Digits) },
  { $id: 'SandboxGroup', description: 'A simulated group.' },
)

/** What a client sent that this simulator does not know. */
export const SandboxUnknown = Type.Object(
  { what: Type.String(), count: Type.Integer() },
  { $id: 'SandboxUnknown', description: 'A kind of stanza that a client sent and the simulator does not know.' },
)

/** The simulated WhatsApp as it stands. */
export const SandboxState = Type.Object(
  {
    wsUrl: Type.String({ description: "What clients connect to instead of WhatsApp's server." }),
    mediaUrl: Type.String({ description: 'Where media is uploaded to and downloaded from: plain HTTP in place of `https://mmg.whatsapp.net`.' }),
    controlUrl: nullable(Type.String(), { description: 'Where a simulator that runs alone is controlled; null inside a gateway.' }),
    rootKey: Type.String({ description: 'The public key clients trust as the root of the certificates, base64.' }),
    accounts: Type.Array(ref(SandboxAccount)),
    contacts: Type.Array(ref(SandboxContact)),
    groups: Type.Array(ref(SandboxGroup)),
    unknownStanzas: Type.Array(ref(SandboxUnknown), { description: 'Empty as long as clients send only what the simulator knows.' }),
  },
  { $id: 'SandboxState', description: 'The simulated WhatsApp as it stands.' },
)

/** Scanning a QR code. */
export const SandboxScan = Type.Object(
  {
    qr: Type.String({ minLength: 1, maxLength: 2048, description: 'The text of the QR code that a client shows.' }),
    phone: Type.Optional(Phone),
    name: Type.Optional(Name),
  },
  { $id: 'SandboxScan', additionalProperties: false, description: 'A phone scans a QR code; a new number when `phone` is absent.' },
)

/** Typing a pairing code. */
export const SandboxPairing = Type.Object(
  { phone: Phone, code: Type.String({ pattern: '^[A-Za-z0-9]{4}[ -]?[A-Za-z0-9]{4}$', examples: ['ABCD-1234'] }) },
  { $id: 'SandboxPairing', additionalProperties: false, description: "A phone's owner types the code that a client shows." },
)

/** A link that is done. */
export const SandboxLinked = Type.Object(
  { account: Digits, device: Type.Integer({ description: "The new device's number." }) },
  { $id: 'SandboxLinked', description: 'The client has taken the pairing.' },
)

/** A contact to make or update. */
export const SandboxNewContact = Type.Object(
  {
    phone: Phone,
    name: Type.Optional(Name),
    addressing: Type.Optional(oneOf(ADDRESSING)),
    registered: Type.Optional(Type.Boolean()),
    autoReceipts: Type.Optional(oneOf(AUTO_RECEIPTS)),
    answersRetries: Type.Optional(Type.Boolean()),
    about: Type.Optional(Type.String({ maxLength: 139, description: "The contact's text about itself." })),
    picture: Type.Optional(nullable(Type.String({ pattern: '^[A-Za-z0-9+/]+={0,2}$', minLength: 4, maxLength: 4_000_000 }), { description: 'The profile picture in base64; null takes it away.' })),
  },
  { $id: 'SandboxNewContact', additionalProperties: false, description: 'A contact; one of this phone that exists is updated.' },
)

/** The path of what a contact does. */
export const SandboxContactParams = Type.Object({ phone: Phone }, { additionalProperties: false })

/** An id that was given. */
export const SandboxWritten = Type.Object({ id: Type.String() }, { $id: 'SandboxWritten', description: 'The id of what was made.' })

/** A message that a contact received. */
export const SandboxMessage = Type.Object(
  {
    id: MessageId,
    chat: Type.String({ description: '`<phone>@s.whatsapp.net` of the other side, or the id of the group.' }),
    from: Digits,
    fromMe: Type.Boolean(),
    type: Type.String({ description: '`text`, `image`, `reaction`, `edit`, `delete`, `poll` ...' }),
    text: nullable(Type.String(), { description: 'The body or caption, the emoji of a reaction, the question of a poll.' }),
    target: nullable(Type.String(), { description: 'The id of the message it changes, answers by reaction, or votes on.' }),
    timestamp: Type.Integer({ description: 'Unix seconds.' }),
    copies: Type.Integer({ description: 'How many copies of this message came and could be read.' }),
    undecryptable: Type.Integer({ description: 'How many copies could not be decrypted.' }),
    order: Type.Integer({ description: 'Its place in the order of arrival.' }),
  },
  { $id: 'SandboxMessage', description: 'A message that this contact received and decrypted, once for all its copies.' },
)

/** One message of a contact, whole. */
export const SandboxWholeMessage = Type.Composite([SandboxMessage, Type.Object({ content: Type.Record(Type.String(), Type.Unknown(), { description: "What it says: WhatsApp's own message (protobuf) as JSON, bytes in base64." }) })], {
  $id: 'SandboxWholeMessage', description: 'A message that this contact received, with what it says.',
})

/** The path of one message of a contact. */
export const SandboxMessageParams = Type.Object({ phone: Phone, message_id: MessageId }, { additionalProperties: false })

/** Receipts of a contact. */
export const SandboxReceipts = Type.Object(
  {
    messageIds: Type.Array(MessageId, { minItems: 1, maxItems: 256 }),
    type: oneOf(['delivered', 'read', 'played'] as const),
  },
  { $id: 'SandboxReceipts', additionalProperties: false, description: 'The contact tells the writers that messages were delivered, read or played.' },
)

/** What a contact is doing. */
export const SandboxPresence = Type.Object(
  {
    state: oneOf(['available', 'unavailable', 'composing', 'recording', 'paused'] as const),
    to: Type.Optional(SandboxChat),
  },
  { $id: 'SandboxPresence', additionalProperties: false, description: 'The contact comes, goes, types or records; the latter need `to`.' },
)

/** A contact rings. */
export const SandboxCall = Type.Object(
  { to: Phone, video: Type.Optional(Type.Boolean()) },
  { $id: 'SandboxCall', additionalProperties: false, description: 'The contact calls an account.' },
)

/** The path of one call. */
export const SandboxCallParams = Type.Object({ call_id: Type.String({ minLength: 1, maxLength: 128 }) }, { additionalProperties: false })

/** A contact's emoji. */
export const SandboxReaction = Type.Object(
  { messageId: MessageId, emoji: Type.String({ maxLength: 64, description: 'An empty string takes the reaction back.' }) },
  { $id: 'SandboxReaction', additionalProperties: false, description: 'The contact reacts to a message it knows.' },
)

/** A contact's choice. */
export const SandboxVote = Type.Object(
  { messageId: MessageId, options: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 12, uniqueItems: true, description: 'Names of the options; none takes the vote back.' }) },
  { $id: 'SandboxVote', additionalProperties: false, description: 'The contact votes in a poll that it wrote or received.' },
)

/** A contact changes what it wrote. */
export const SandboxEdit = Type.Object(
  { messageId: MessageId, text: Type.String({ minLength: 1, maxLength: 65_536 }) },
  { $id: 'SandboxEdit', additionalProperties: false, description: 'The contact edits a message it wrote.' },
)

/** A contact deletes what it wrote. */
export const SandboxDeletion = Type.Object(
  { messageId: MessageId },
  { $id: 'SandboxDeletion', additionalProperties: false, description: 'The contact deletes a message it wrote, for everybody.' },
)
export type SandboxState = Static<typeof SandboxState>
