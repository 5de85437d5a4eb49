import { Type, type Static } from '@sinclair/typebox'
import { oneOf } from './ref.ts'
import { MAX_TEXT_LENGTH } from './send-message.ts'

/** A reaction to set. */
export const SetReaction = Type.Object(
  { emoji: Type.String({ minLength: 1, maxLength: 64, description: 'One emoji; it takes the place of an earlier one of this account.', examples: ['👍'] }) },
  { $id: 'SetReaction', additionalProperties: false, description: 'A reaction to set.' },
)
export type SetReaction = Static<typeof SetReaction>

/** A new text for a message. */
export const EditMessage = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: MAX_TEXT_LENGTH, description: 'The new text.', examples: ['Hello, corrected'] }) },
  { $id: 'EditMessage', additionalProperties: false, description: 'A new text for a message.' },
)
export type EditMessage = Static<typeof EditMessage>

/** For whom a message is deleted. */
export const DeletionQuery = Type.Object({ for: Type.Optional(oneOf(['everyone', 'me'] as const, { default: 'everyone', description: '`everyone`: it stays listed without its content. `me`: on the devices of the account alone, and it is listed no more.' })) }, { additionalProperties: false })

/** How an action on a message may be asked to answer. */
export const ActionHeaders = Type.Object({
  prefer: Type.Optional(Type.String({ maxLength: 256, description: '`respond-async` answers 202 at once; `wait=N` waits N seconds, 25 at most (RFC 7240).', examples: ['wait=5'] })),
})
