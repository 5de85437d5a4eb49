import { Type, type Static } from '@sinclair/typebox'
import { nullable, ref } from './ref.ts'

const MAX_PHONES = 50

/** Numbers to ask WhatsApp about. */
export const ContactCheckRequest = Type.Object(
  {
    phones: Type.Array(Type.String({ pattern: '^\\+?[1-9]\\d{6,14}$', description: 'E.164, with or without the plus sign.' }), {
      minItems: 1, maxItems: MAX_PHONES, uniqueItems: true, description: 'The numbers. Brazilian, Mexican and Argentine ones are looked for in both their forms.', examples: [['+34600000001', '+5511987654321']],
    }),
  },
  { $id: 'ContactCheckRequest', additionalProperties: false, description: 'Numbers to ask WhatsApp about.' },
)
export type ContactCheckRequest = Static<typeof ContactCheckRequest>

/** What WhatsApp says of one number. */
export const ContactCheck = Type.Object(
  {
    asked: Type.String({ description: 'The number as it was asked for.' }),
    onWhatsApp: Type.Boolean(),
    id: nullable(Type.String(), { description: 'The canonical JID to write to, or null without an account.' }),
    phone: nullable(Type.String(), { description: 'The digits that the account is known under, which may differ from those that were asked for; null without an account.' }),
  },
  { $id: 'ContactCheck', description: 'What WhatsApp says of one number.' },
)
export type ContactCheck = Static<typeof ContactCheck>

/** The same of each number, in the order that they were asked for. */
export const ContactChecks = Type.Array(ref(ContactCheck), { description: 'In the order that the numbers were asked for.' })
