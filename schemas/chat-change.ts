import { Type, type Static } from '@sinclair/typebox'
import { nullable, oneOf } from './ref.ts'

/** What may be changed of a chat. */
export const ChatChange = Type.Object(
  {
    archived: Type.Optional(Type.Boolean({ description: 'Puts the chat into the archive, or takes it out.' })),
    pinned: Type.Optional(Type.Boolean({ description: 'Keeps the chat at the top, or no longer.' })),
    mutedUntil: Type.Optional(nullable(Type.String({ format: 'date-time' }), { description: 'Until when the chat makes no sound; null ends that.' })),
    unread: Type.Optional(Type.Boolean({ description: 'Marks the chat as unread, or as read, for the account alone: others are told nothing.' })),
  },
  { $id: 'ChatChange', additionalProperties: false, minProperties: 1, description: 'What is to change of a chat; what is left out stays.' },
)
export type ChatChange = Static<typeof ChatChange>

/** What the account is doing in a chat. */
export const ChatPresence = Type.Object(
  { state: oneOf(['composing', 'recording', 'paused'] as const, { description: '`composing`: it types. `recording`: it records a voice note. `paused`: neither any more.' }) },
  { $id: 'ChatPresence', additionalProperties: false, description: 'What the account is doing in a chat.' },
)
export type ChatPresence = Static<typeof ChatPresence>
