import { Type, type Static } from '@sinclair/typebox'
import { Phone } from './linking.ts'
import { nullable, oneOf } from './ref.ts'
import { SandboxChat } from './sandbox-speech.ts'

/** A group to make. */
export const SandboxNewGroup = Type.Object(
  {
    subject: Type.String({ minLength: 1, maxLength: 100 }),
    participants: Type.Array(Phone, { minItems: 1, maxItems: 1024, description: 'Contacts or accounts; the first one creates the group and is its admin.' }),
  },
  { $id: 'SandboxNewGroup', additionalProperties: false, description: 'A group to make.' },
)

/** The path of one group. */
export const SandboxGroupParams = Type.Object(
  { group_id: Type.String({ pattern: '^[0-9-]{10,40}(@g\\.us)?$', description: "The group's id, with or without `@g.us`." }) },
  { additionalProperties: false },
)

/** A change of a group's members. */
export const SandboxMembership = Type.Object(
  {
    action: oneOf(['add', 'remove', 'promote', 'demote'] as const),
    participants: Type.Array(Phone, { minItems: 1, maxItems: 1024 }),
    by: Type.Optional(Phone),
  },
  { $id: 'SandboxMembership', additionalProperties: false, description: 'A change of the members, made by the phone `by`, else by the first admin; who removes only itself leaves.' },
)

/** What came of it for each. */
export const SandboxMembershipOutcome = Type.Object(
  { phone: Type.String(), status: Type.String({ description: '`200`, or the code of the refusal: `403`, `404`, `405`, `409`.' }) },
  { $id: 'SandboxMembershipOutcome', description: 'What a change of members came to for one of them.' },
)

/** A change of a group. */
export const SandboxGroupChange = Type.Object(
  {
    by: Type.Optional(Phone),
    subject: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    description: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 2048 }), { description: 'Null takes it away.' })),
    announce: Type.Optional(Type.Boolean({ description: 'Only admins write.' })),
    locked: Type.Optional(Type.Boolean({ description: 'Only admins edit.' })),
    ephemeralSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 7_776_000 })),
    memberAddMode: Type.Optional(oneOf(['admin_add', 'all_member_add'] as const)),
    joinApproval: Type.Optional(Type.Boolean()),
  },
  { $id: 'SandboxGroupChange', additionalProperties: false, minProperties: 1, description: 'What the phone `by` (else the first admin) changes about the group.' },
)

/** A past to invent. */
export const SandboxHistory = Type.Object(
  {
    account: Phone,
    chats: Type.Integer({ minimum: 1, maximum: 2000 }),
    messagesPerChat: Type.Integer({ minimum: 1, maximum: 2000 }),
    olderPerChat: Type.Optional(Type.Integer({ minimum: 0, maximum: 2000, default: 50, description: 'Messages before those, which the phone gives out only when asked for more.' })),
  },
  { $id: 'SandboxHistory', additionalProperties: false, description: 'A past to invent for an account: linked clients get it at once, later ones when they link.' },
)

/** The past that was invented. */
export const SandboxHistoryMade = Type.Object(
  { chats: Type.Array(Type.String(), { description: '`<lid>@lid` of people, ids of groups.' }), messages: Type.Integer({ description: 'How many messages a link brings.' }) },
  { $id: 'SandboxHistoryMade', description: 'The past that was invented.' },
)

/** The path of an account. */
export const SandboxAccountParams = Type.Object({ phone: Phone }, { additionalProperties: false })

/** The path of one linked device. */
export const SandboxDeviceParams = Type.Object(
  { phone: Phone, device_id: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Its number within the account.' }) },
  { additionalProperties: false },
)

/** What an account's owner does to a chat. */
export const SandboxChatChange = Type.Object(
  {
    chat: SandboxChat,
    archived: Type.Optional(Type.Boolean()),
    pinned: Type.Optional(Type.Boolean()),
    mutedUntil: Type.Optional(nullable(Type.String({ format: 'date-time' }), { description: 'Null unmutes.' })),
    read: Type.Optional(Type.Boolean({ description: 'False marks the chat as unread.' })),
    contactName: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: "The contact's name in the owner's address book." })),
    deleted: Type.Optional(Type.Literal(true, { type: 'boolean' })),
  },
  { $id: 'SandboxChatChange', additionalProperties: false, minProperties: 2, description: "What an account's owner does to a chat on the phone; what is left out stays." },
)

/** One synchronised setting. */
export const SandboxSetting = Type.Object(
  {
    collection: Type.String({ examples: ['regular_low'] }),
    version: Type.Integer({ description: "The collection's version with this change." }),
    index: Type.Array(Type.String(), { description: 'What it is about.', examples: [['archive', '34600000009@s.whatsapp.net']] }),
    value: Type.Record(Type.String(), Type.Unknown(), { description: 'What it says.' }),
  },
  { $id: 'SandboxSetting', description: 'A synchronised setting, as clients or the phone wrote it.' },
)

/** The kinds of faults. */
export const FAULT_KINDS = [
  'failure', 'httpError', 'silentIq', 'ackError', 'slowAck', 'noAck', 'duplicate', 'corruptCiphertext', 'mediaGone',
  'offlineQueue', 'missingBundle', 'usyncTimeout', 'usyncUnknown', 'unavailable', 'qrExpired',
  'silent', 'drop', 'streamError', 'unlink', 'replaced', 'downgrade', 'xmlstreamend', 'garbageFrame',
] as const

const Kind = oneOf(FAULT_KINDS, {
  description:
    'At the next login: failure(code), httpError(code). On a live connection, or else the next: drop, streamError(code), unlink, replaced, downgrade, xmlstreamend, garbageFrame, silent. ' +
    'On requests: silentIq(xmlns), usyncTimeout, usyncUnknown, missingBundle. On messages: ackError(code), slowAck(delayMs), noAck, corruptCiphertext, unavailable, offlineQueue. On messages and notices: duplicate. On downloads: mediaGone. On the next client that shows a QR code: qrExpired(delayMs), as if nobody had used any of its codes.',
})

/** A fault to arm. */
export const SandboxNewFault = Type.Object(
  {
    kind: Kind,
    account: Type.Optional(Phone),
    times: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'How often it strikes (default 1); 0 is until it is cleared.' })),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: 'With `chance`: the same seed strikes at the same occasions (default 1).' })),
    chance: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'Probability of a strike at each occasion (default 1).' })),
    code: Type.Optional(Type.Integer({ minimum: 100, maximum: 999, description: 'For the kinds that have one.' })),
    xmlns: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'The namespace of requests that silentIq leaves unanswered; all of them when absent.' })),
    delayMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 600_000, description: 'For the kinds that delay.' })),
  },
  { $id: 'SandboxNewFault', additionalProperties: false, description: 'Something that goes wrong on purpose; for every account when `account` is absent.' },
)

/** An armed fault. */
export const SandboxFault = Type.Object(
  {
    id: Type.String(),
    kind: Kind,
    account: nullable(Type.String(), { description: 'The phone it is meant for; null is every account.' }),
    times: Type.Integer(),
    seed: Type.Integer(),
    chance: Type.Number(),
    code: nullable(Type.Integer()),
    xmlns: nullable(Type.String()),
    delayMs: nullable(Type.Integer()),
    struck: Type.Integer({ description: 'How often it has struck.' }),
    left: nullable(Type.Integer(), { description: 'How often it will strike yet; null is until it is cleared.' }),
  },
  { $id: 'SandboxFault', description: 'An armed fault and what it has done.' },
)
export type SandboxFault = Static<typeof SandboxFault>
