import { Type, type Static } from '@sinclair/typebox'
import { Person } from './person.ts'
import { nullable, oneOf, ref } from './ref.ts'
import { SessionId } from './session.ts'

/** A JID, `+E.164` or bare digits. */
export const ChatId = Type.String({ minLength: 1, maxLength: 128, description: 'A JID (`...@s.whatsapp.net`, `...@g.us`, `...@lid`, `...@newsletter`), `+E.164` or bare digits.', examples: ['34600000001'] })

/** The path of everything under a chat. */
export const ChatParams = Type.Object(
  { session_id: SessionId, chat_id: ChatId },
  { additionalProperties: false },
)
export type ChatParams = Static<typeof ChatParams>

/** A conversation with one person, a group, or a channel. */
export const Chat = Type.Object(
  {
    id: Type.String({ description: 'The canonical JID.', examples: ['34600000001@s.whatsapp.net'] }),
    name: nullable(Type.String(), { description: "The group's subject or the person's name." }),
    isGroup: Type.Boolean(),
    isMe: Type.Boolean({ description: 'True for the chat with oneself.' }),
    unreadCount: Type.Integer({ description: 'Messages not read yet; -1 when marked as unread by hand.' }),
    conversationTimestamp: Type.Integer({ description: 'Unix seconds of the newest message; 0 without one.' }),
    participant: nullable(Type.Array(ref(Person)), { description: 'The members of a group, null elsewhere or before they are known.' }),
    ephemeralExpiration: nullable(Type.Integer(), { description: 'Seconds after which messages disappear, or null.' }),
    ephemeralSettingTimestamp: nullable(Type.Integer(), { description: 'Unix seconds when that was set, or null.' }),
    mute: nullable(Type.Integer(), { description: 'Unix seconds until which the chat is muted, -1 for ever, or null.' }),
    pin: nullable(Type.Integer(), { description: 'Unix seconds when the chat was pinned, or null.' }),
    archived: Type.Boolean(),
    labels: Type.Array(Type.String(), { description: 'Ids of the labels on the chat.' }),
  },
  { $id: 'Chat', description: 'A conversation with one person, a group, or a channel.' },
)
export type Chat = Static<typeof Chat>

/** What a refresh takes. */
export const RefreshQuery = Type.Object(
  {
    chats: Type.Optional(Type.Integer({ minimum: 0, maximum: 100, default: 20, description: 'How many of the most recent chats are asked about.' })),
    messages: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, default: 50, description: 'Older messages asked for in each chat.' })),
  },
  { additionalProperties: false },
)
export type RefreshQuery = Static<typeof RefreshQuery>

/** How far a refresh is. */
export const Refresh = Type.Object(
  {
    status: oneOf(['ok', 'running'] as const, { description: '`ok` when done, `running` while the phone is still being asked.' }),
    chatsCount: Type.Integer({ description: 'Chats the session has.' }),
    loadedChatsCount: Type.Integer({ description: 'Chats for which the phone has answered.' }),
    requestedChatsCount: Type.Integer({ description: 'Chats the phone is asked about in this refresh.' }),
  },
  { $id: 'Refresh', description: 'The progress of a refresh.' },
)
export type Refresh = Static<typeof Refresh>
