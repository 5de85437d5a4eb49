import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { ActionHeaders, DeletionQuery, EditMessage, SetReaction } from '../../schemas/message-action.ts'
import { Message, MessageParams } from '../../schemas/message.ts'
import { ref } from '../../schemas/ref.ts'
import { canonicalChatId } from '../../src/chats/identity.ts'
import { MAX_SEND_WAIT_MS, preferredWaitMs, SEND_WAIT_MS } from '../../src/http/prefer.ts'
import { getMessage } from '../../src/messages/view.ts'
import type { Action } from '../../src/whatsapp/outbound/action.ts'

const WAITS = 'Accepted durably, and answered once WhatsApp has it: 200. 202 when it has not within 10 seconds, or while the session is reconnecting; it is then done as soon as that is possible, in order.'

/** What is done to messages that are there. */
export const messageActionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const shared = {
    tags: ['Messages'], params: MessageParams, headers: ActionHeaders,
    response: { 200: { ...ref(Message), description: 'The message as it stands now.' }, 202: { ...ref(Message), description: 'The message as it was: what is to be done to it is queued.' } },
  } as const
  const errors = ['SESSION_NOT_FOUND', 'MESSAGE_NOT_FOUND', 'NOT_LINKED', 'MESSAGE_DELETED', 'MESSAGE_REJECTED', 'NOT_ON_WHATSAPP', 'CHAT_NOT_WRITABLE', 'QUEUE_FULL', 'WHATSAPP_UNAVAILABLE', 'OWNER_UNAVAILABLE'] as const
  const config = { owner: 'needed' } as const

  async function act(params: MessageParams, prefer: string | undefined, action: Action, reply: FastifyReply) {
    const session = await app.sessions.require(params.session_id)
    const chatId = await canonicalChatId(app.store, session, params.chat_id)
    const isDone = await app.whatsapp.act(session.id, chatId, params.message_id, action, preferredWaitMs(prefer, SEND_WAIT_MS, MAX_SEND_WAIT_MS))
    return reply.code(isDone ? 200 : 202).send(await getMessage(app.store, session, chatId, params.message_id))
  }

  app.put('/sessions/:session_id/chats/:chat_id/messages/:message_id/reaction', {
    config,
    schema: { ...shared, operationId: 'setReaction', summary: 'React to a message', description: `Sets this account's reaction. ${WAITS}`, body: ref(SetReaction), errors, requestExamples: { thumb: { summary: 'A thumb', value: { emoji: '👍' } } } },
  }, async ({ params, body, headers }, reply) => act(params, headers.prefer, { kind: 'reaction', emoji: body.emoji }, reply))

  app.delete('/sessions/:session_id/chats/:chat_id/messages/:message_id/reaction', {
    config,
    schema: { ...shared, operationId: 'removeReaction', summary: 'Take a reaction back', description: `Removes this account's reaction, where there is one. ${WAITS}`, errors },
  }, async ({ params, headers }, reply) => act(params, headers.prefer, { kind: 'reaction', emoji: null }, reply))

  app.patch('/sessions/:session_id/chats/:chat_id/messages/:message_id', {
    config,
    schema: {
      ...shared, operationId: 'editMessage', summary: 'Edit a message', description: `Changes a text of this account, within 15 minutes. ${WAITS}`, body: ref(EditMessage),
      errors: [...errors, 'MESSAGE_NOT_EDITABLE'], requestExamples: { text: { summary: 'Another text', value: { text: 'Hello, corrected' } } },
    },
  }, async ({ params, body, headers }, reply) => act(params, headers.prefer, { kind: 'edit', text: body.text }, reply))

  app.delete('/sessions/:session_id/chats/:chat_id/messages/:message_id', {
    config,
    schema: {
      ...shared, operationId: 'deleteMessage', summary: 'Delete a message', description: `For everyone: a message of this account, or in a group as an admin one of somebody else. ${WAITS} For the account alone: any message, at once, over an open connection: 204.`, querystring: DeletionQuery,
      response: { ...shared.response, 204: Type.Null({ description: 'It is gone for the account alone.' }) },
      errors: [...errors, 'MESSAGE_NOT_DELETABLE', 'NOT_CONNECTED'],
    },
  }, async ({ params, headers, query }, reply) => {
    if (query.for !== 'me') return act(params, headers.prefer, { kind: 'deletion' }, reply)
    const session = await app.sessions.require(params.session_id)
    await app.whatsapp.removeMessage(session.id, await canonicalChatId(app.store, session, params.chat_id), params.message_id)
    return reply.code(204).send(null)
  })
}
