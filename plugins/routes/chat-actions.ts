import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { ChatChange, ChatPresence } from '../../schemas/chat-change.ts'
import { Chat, ChatParams } from '../../schemas/chat.ts'
import { MessageParams } from '../../schemas/message.ts'
import { ref } from '../../schemas/ref.ts'
import { canonicalChatId } from '../../src/chats/identity.ts'
import { getChat } from '../../src/chats/view.ts'

const DONE = { 204: Type.Null({ description: 'Done.' }) }

/** What is done to chats, and to messages for the account alone: at once, over an open connection. */
export const chatActionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const errors = ['SESSION_NOT_FOUND', 'NOT_LINKED', 'NOT_CONNECTED', 'WHATSAPP_UNAVAILABLE', 'OWNER_UNAVAILABLE'] as const
  const config = { owner: 'needed' } as const
  const chats = { tags: ['Chats'], params: ChatParams, errors: [...errors, 'CHAT_NOT_FOUND'] as const }
  const messages = { tags: ['Messages'], params: MessageParams, errors: [...errors, 'MESSAGE_NOT_FOUND'] as const }

  app.patch('/sessions/:session_id/chats/:chat_id', {
    config,
    schema: {
      ...chats, operationId: 'updateChat', summary: 'Change a chat', description: 'Archives, pins, mutes the chat or marks it as unread, on all devices of the account.',
      body: ref(ChatChange), response: { 200: ref(Chat) },
      requestExamples: { archive: { summary: 'Into the archive', value: { archived: true } }, mute: { summary: 'Silence', value: { mutedUntil: '2030-01-31T20:00:00Z' } } },
    },
  }, async ({ params, body }) => {
    const session = await app.sessions.require(params.session_id)
    const chatId = await canonicalChatId(app.store, session, params.chat_id)
    await app.whatsapp.changeChat(session.id, chatId, body)
    return getChat(app.store, session, chatId)
  })

  app.delete('/sessions/:session_id/chats/:chat_id', {
    config,
    schema: { ...chats, operationId: 'deleteChat', summary: 'Delete a chat', description: 'Takes the chat and its messages off all devices of the account, and out of this gateway. The others keep theirs; what they write brings the chat back.', response: DONE },
  }, async ({ params }, reply) => {
    const session = await app.sessions.require(params.session_id)
    await app.whatsapp.deleteChat(session.id, await canonicalChatId(app.store, session, params.chat_id))
    return reply.code(204).send(null)
  })

  app.post('/sessions/:session_id/chats/:chat_id/read', {
    config,
    schema: { ...chats, operationId: 'readChat', summary: 'Mark a chat as read', description: 'Marks the chat as read, and tells the writers of its unread messages, the newest 200 at most, as far as the privacy settings of the account allow.', response: { 200: ref(Chat) } },
  }, async ({ params }) => {
    const session = await app.sessions.require(params.session_id)
    const chatId = await canonicalChatId(app.store, session, params.chat_id)
    await app.whatsapp.readChat(session.id, chatId)
    return getChat(app.store, session, chatId)
  })

  app.put('/sessions/:session_id/chats/:chat_id/presence', {
    config,
    schema: {
      ...chats, errors, operationId: 'setChatPresence', summary: 'Show typing or recording', description: 'Shows the other side that the account types or records. WhatsApp stops showing it by itself after about 25 seconds.',
      body: ref(ChatPresence), response: DONE, requestExamples: { typing: { summary: 'Typing', value: { state: 'composing' } } },
    },
  }, async ({ params, body }, reply) => {
    const session = await app.sessions.require(params.session_id)
    await app.whatsapp.showPresence(session.id, await canonicalChatId(app.store, session, params.chat_id), body)
    return reply.code(204).send(null)
  })

  const star = (starred: boolean) => async ({ params }: { readonly params: MessageParams }, reply: FastifyReply) => {
    const session = await app.sessions.require(params.session_id)
    await app.whatsapp.starMessage(session.id, await canonicalChatId(app.store, session, params.chat_id), params.message_id, starred)
    return reply.code(204).send(null)
  }
  app.put('/sessions/:session_id/chats/:chat_id/messages/:message_id/star', {
    config,
    schema: { ...messages, operationId: 'starMessage', summary: 'Star a message', description: 'Marks the message with a star, on all devices of the account.', response: DONE },
  }, star(true))
  app.delete('/sessions/:session_id/chats/:chat_id/messages/:message_id/star', {
    config,
    schema: { ...messages, operationId: 'unstarMessage', summary: 'Take a star off', description: 'Takes the star off the message.', response: DONE },
  }, star(false))
}
