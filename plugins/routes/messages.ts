import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ChatParams } from '../../schemas/chat.ts'
import { Message, MessageParams, SendHeaders, SentMessage } from '../../schemas/message.ts'
import { PageQuery, pageOf } from '../../schemas/page.ts'
import { ref } from '../../schemas/ref.ts'
import { SendMessage } from '../../schemas/send-message.ts'
import { canonicalChatId } from '../../src/chats/identity.ts'
import { requireChat } from '../../src/chats/view.ts'
import { nextPageLink } from '../../src/http/page-link.ts'
import { toPageRequest } from '../../src/http/page-request.ts'
import { MAX_SEND_WAIT_MS, preferredWaitMs, SEND_WAIT_MS } from '../../src/http/prefer.ts'
import { getMessage, messagePage } from '../../src/messages/view.ts'

const TAGS = ['Messages']

/** Reading and sending messages. */
export const messageRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/sessions/:session_id/chats/:chat_id/messages', {
    schema: {
      operationId: 'listMessages', tags: TAGS, summary: 'List messages', description: 'The messages of a chat as they stand now, newest first.',
      params: ChatParams, querystring: PageQuery,
      response: { 200: pageOf(Message, 'A page of messages.') },
      errors: ['SESSION_NOT_FOUND', 'CHAT_NOT_FOUND'],
    },
  }, async (request, reply) => {
    const session = await app.sessions.require(request.params.session_id)
    const chat = await requireChat(app.store, session, await canonicalChatId(app.store, session, request.params.chat_id))
    const { rows, next } = await messagePage(app.store, session, chat.id, toPageRequest(request.query))
    if (next !== null) reply.header('link', nextPageLink(request.url, next))
    return [...rows]
  })

  app.get('/sessions/:session_id/chats/:chat_id/messages/:message_id', {
    schema: {
      operationId: 'getMessage', tags: TAGS, summary: 'Get a message', description: 'One message as it stands now; the `state` of a message of ours tells how far it has come.',
      params: MessageParams,
      response: { 200: ref(Message) },
      errors: ['SESSION_NOT_FOUND', 'MESSAGE_NOT_FOUND'],
    },
  }, async ({ params }) => {
    const session = await app.sessions.require(params.session_id)
    return getMessage(app.store, session, await canonicalChatId(app.store, session, params.chat_id), params.message_id)
  })

  app.post('/sessions/:session_id/chats/:chat_id/messages', {
    schema: {
      operationId: 'sendMessage', tags: TAGS, summary: 'Send a message', description: "Accepts the message durably, then waits for WhatsApp's server to take it: 201 when it has. 202 when it has not within 10 seconds, or while the session is reconnecting; the message is then sent as soon as that is possible, in order. `Prefer: respond-async` or `Prefer: wait=N` changes how long is waited.",
      params: ChatParams, body: ref(SendMessage), headers: SendHeaders,
      response: { 201: { ...ref(SentMessage), description: "WhatsApp's server has the message." }, 202: { ...ref(SentMessage), description: 'The message is queued.' } },
      errors: ['SESSION_NOT_FOUND', 'MESSAGE_NOT_FOUND', 'NOT_LINKED', 'NOT_ON_WHATSAPP', 'CHAT_NOT_WRITABLE', 'TEXT_TOO_LONG', 'MESSAGE_REJECTED', 'IDEMPOTENCY_KEY_REUSED', 'NEW_CHATS_PAUSED', 'QUEUE_FULL', 'WHATSAPP_UNAVAILABLE'],
      requestExamples: {
        text: { summary: 'A text', value: { text: 'Hello from Puente' } },
        emoji: { summary: 'Several lines, with an emoji', value: { text: 'Your order is on its way 🚚\nIt arrives tomorrow.' } },
        mention: { summary: 'A text that mentions somebody', value: { text: 'Ask @34600000001', mentions: ['34600000001'] } },
        reply: { summary: 'An answer', value: { text: 'Yes', replyTo: '3EB0C767D097B7C7A8F1' } },
        location: { summary: 'A place', value: { type: 'location', latitude: 40.4169, longitude: -3.7033, name: 'Puerta del Sol', address: 'Madrid' } },
        contacts: { summary: 'A contact card', value: { type: 'contacts', contacts: [{ name: 'Ana', phone: '+34600000001', organization: 'Puente' }] } },
        poll: { summary: 'A poll', value: { type: 'poll', question: 'Lunch?', options: ['Yes', 'No'], selectableCount: 1 } },
        event: { summary: 'An event', value: { type: 'event', name: 'Dinner', startsAt: '2030-01-31T20:00:00Z', place: 'At Ana\'s' } },
        groupInvite: { summary: 'An invitation to a group', value: { type: 'groupInvite', groupId: '120363000000000001@g.us', code: 'AbCdEfGh12345678', name: 'Team' } },
      },
    },
  }, async ({ params, body, headers }, reply) => {
    const session = await app.sessions.require(params.session_id)
    const chatId = await canonicalChatId(app.store, session, params.chat_id)
    const waitMs = preferredWaitMs(headers.prefer, SEND_WAIT_MS, MAX_SEND_WAIT_MS)
    const { sent, replayed } = await app.whatsapp.send(session.id, chatId, body, { waitMs, key: headers['idempotency-key'] ?? null })
    if (replayed) reply.header('idempotent-replayed', 'true')
    return reply.code(sent.status === 'sent' ? 201 : 202).send(sent)
  })
}
