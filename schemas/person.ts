import { Type, type Static } from '@sinclair/typebox'
import { nullable } from './ref.ts'

/** Somebody on WhatsApp, under every name that is known of them. */
export const Person = Type.Object(
  {
    id: Type.String({ description: '`<phone>@s.whatsapp.net` when the phone is known, else `<lid>@lid`.', examples: ['34600000001@s.whatsapp.net'] }),
    phone: nullable(Type.String(), { description: 'E.164 digits without the plus sign, or null where not known.' }),
    lid: nullable(Type.String(), { description: "The digits of WhatsApp's hidden identity (LID), or null where not known." }),
    name: nullable(Type.String(), { description: "The name in the address book, else the person's own, or null." }),
  },
  { $id: 'Person', description: 'Somebody on WhatsApp.' },
)
export type Person = Static<typeof Person>
