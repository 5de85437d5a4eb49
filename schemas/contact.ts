import { Type, type Static } from '@sinclair/typebox'
import { Person } from './person.ts'
import { nullable } from './ref.ts'

/** All that is known of a person. */
export const Contact = Type.Object(
  {
    ...Person.properties,
    pushname: nullable(Type.String(), { description: 'The name the person gave themselves.' }),
    verifiedName: nullable(Type.String(), { description: 'The name WhatsApp verified for a business.' }),
    shortName: nullable(Type.String(), { description: 'The first name in the address book.' }),
    profilePicThumbObj: nullable(Type.Object({ eurl: Type.String({ description: 'Where the picture can be fetched for a while.' }) }), { description: 'The profile picture, or null without one or when it is hidden.' }),
    status: nullable(Type.String(), { description: 'The "about" text, or null when it is hidden.' }),
    lastSeen: nullable(Type.Integer(), { description: 'Unix seconds when last seen, or null when hidden or unknown.' }),
    businessProfile: nullable(
      Type.Object({
        description: nullable(Type.String()),
        address: nullable(Type.String()),
        email: nullable(Type.String()),
        category: nullable(Type.String()),
        websites: Type.Array(Type.String()),
      }),
      { description: 'The profile of a business account, or null.' },
    ),
    isOnWhatsApp: nullable(Type.Boolean(), { description: 'Whether the number has an account; null when WhatsApp could not be asked.' }),
  },
  { $id: 'Contact', description: 'A person, with what their profile shows.' },
)
export type Contact = Static<typeof Contact>
