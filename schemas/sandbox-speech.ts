import { Type, type Static, type TProperties } from '@sinclair/typebox'
import { Phone } from './linking.ts'
import { oneOf, ref } from './ref.ts'

/** A chat of the simulated WhatsApp: a phone, somebody's JID, or a group's id. */
export const SandboxChat = Type.String({
  pattern: '^(\\+?[1-9]\\d{6,14}(@s\\.whatsapp\\.net)?|\\d{5,20}@lid|[0-9-]{10,40}@g\\.us)$',
  description: 'A phone (E.164, with or without the plus sign), a JID, or the id of a group (`...@g.us`).',
  examples: ['+34600000001', '120363000000000001@g.us'],
})

/** Longest text that the simulated contacts write. */
const MAX_TEXT_LENGTH = 65_536
/** Largest file in a request, as base64. */
const MAX_BASE64_LENGTH = 24 * 1024 * 1024

const speech = <P extends TProperties>($id: string, description: string, properties: P) =>
  Type.Object(
    {
      to: SandboxChat,
      id: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._-]{4,64}$', description: "The message's id; made up when absent. The same id again is a second copy of the same message." })),
      quoted: Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: 'The id of the message that is answered, one this contact wrote or received.' })),
      mentions: Type.Optional(Type.Array(Phone, { maxItems: 256, description: 'Phones that the message mentions.' })),
      forwarded: Type.Optional(Type.Boolean({ description: 'Marks the message as forwarded.' })),
      expirationSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 7_776_000, description: 'After how many seconds the message disappears.' })),
      ...properties,
    },
    { $id, additionalProperties: false, description },
  )

/** A text. */
export const SandboxText = speech('SandboxText', 'A text.', {
  type: Type.Literal('text', { type: 'string' }),
  text: Type.String({ minLength: 1, maxLength: MAX_TEXT_LENGTH }),
})

/** A file with or without a caption. */
export const SandboxMedia = speech('SandboxMedia', 'A file; a small sample of its kind when `base64` is absent.', {
  type: oneOf(['image', 'video', 'gif', 'videoNote', 'audio', 'voice', 'document', 'sticker'] as const),
  text: Type.Optional(Type.String({ maxLength: MAX_TEXT_LENGTH, description: 'The caption; not for audio, voice, video notes and stickers.' })),
  base64: Type.Optional(Type.String({ minLength: 4, maxLength: MAX_BASE64_LENGTH, pattern: '^[A-Za-z0-9+/]+={0,2}$', description: 'The file in base64.' })),
  mimetype: Type.Optional(Type.String({ pattern: '^[\\w.+-]+/[\\w.+-]+(; ?[\\w=.+-]+)*$', maxLength: 128 })),
  fileName: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  viewOnce: Type.Optional(Type.Boolean()),
})

/** A place. */
export const SandboxLocation = speech('SandboxLocation', 'A place.', {
  type: Type.Literal('location', { type: 'string' }),
  latitude: Type.Number({ minimum: -90, maximum: 90 }),
  longitude: Type.Number({ minimum: -180, maximum: 180 }),
  name: Type.Optional(Type.String({ maxLength: 255 })),
  address: Type.Optional(Type.String({ maxLength: 1024 })),
})

/** Contact cards. */
export const SandboxCards = speech('SandboxCards', 'One or more contact cards.', {
  type: Type.Literal('contacts', { type: 'string' }),
  contacts: Type.Array(Type.Object({ name: Type.String({ minLength: 1, maxLength: 255 }), phone: Phone }, { additionalProperties: false }), { minItems: 1, maxItems: 257 }),
})

/** A poll. */
export const SandboxPoll = speech('SandboxPoll', 'A poll.', {
  type: Type.Literal('poll', { type: 'string' }),
  text: Type.String({ minLength: 1, maxLength: 255, description: 'The question.' }),
  options: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { minItems: 2, maxItems: 12 }),
  selectableCount: Type.Optional(Type.Integer({ minimum: 0, maximum: 12, description: 'How many options one person may choose; 0 is any number (default 1).' })),
})

/** An event. */
export const SandboxEvent = speech('SandboxEvent', 'An event people can answer.', {
  type: Type.Literal('event', { type: 'string' }),
  text: Type.String({ minLength: 1, maxLength: 255, description: 'What it is called.' }),
  description: Type.Optional(Type.String({ maxLength: 2048 })),
  startsAt: Type.String({ format: 'date-time' }),
})

type SpeechUnion =
  | Static<typeof SandboxText> | Static<typeof SandboxMedia> | Static<typeof SandboxLocation>
  | Static<typeof SandboxCards> | Static<typeof SandboxPoll> | Static<typeof SandboxEvent>

/** A message that a contact writes. */
export const SandboxSpeech = Type.Unsafe<SpeechUnion>({
  $id: 'SandboxSpeech',
  description: 'A message that a contact writes; `type` says which of these it is.',
  type: 'object',
  required: ['type'],
  properties: { type: { type: 'string', description: 'Which kind of message it is.' } },
  discriminator: { propertyName: 'type' },
  oneOf: [ref(SandboxText), ref(SandboxMedia), ref(SandboxLocation), ref(SandboxCards), ref(SandboxPoll), ref(SandboxEvent)],
})
export type SandboxSpeech = SpeechUnion
