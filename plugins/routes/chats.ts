import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Chat, ChatParams, Refresh, RefreshQuery } from '../../schemas/chat.ts'
import { PageQuery, pageOf } from '../../schemas/page.ts'
import { ref } from '../../schemas/ref.ts'
import { SessionParams } from '../../schemas/session.ts'
import { canonicalChatId } from '../../src/chats/identity.ts'
import { chatPage, getChat } from '../../src/chats/view.ts'
import { nextPageLink } from '../../src/http/page-link.ts'
import { toPageRequest } from '../../src/http/page-request.ts'

const TAGS = ['Chats']
/** How long a refresh is waited for. */
const REFRESH_WAIT_MS = 15_000

/** Reading chats, and asking the phone for more of them. */
export const chatRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/sessions/:session_id/chats', {
    schema: {
      operationId: 'listChats', tags: TAGS, summary: 'List chats', description: 'The chats of the session, the one with the newest message first. `participant` is null here; get one chat to see the members of a group.',
      params: SessionParams, querystring: PageQuery,
      response: { 200: pageOf(Chat, 'A page of chats.') },
      errors: ['SESSION_NOT_FOUND'],
    },
  }, async (request, reply) => {
    const session = await app.sessions.require(request.params.session_id)
    const { rows, next } = await chatPage(app.store, session, toPageRequest(request.query))
    if (next !== null) reply.header('link', nextPageLink(request.url, next))
    return [...rows]
  })

  app.put('/sessions/:session_id/chats/refresh', {
    config: { owner: 'needed' },
    schema: {
      operationId: 'refreshChats', tags: TAGS, summary: 'Refresh chats', description: "Synchronises archived, pinned and muted chats and names again, then asks the phone for older messages of the most recent chats, one after another. Needs the phone to be online. A refresh under way is joined, not started twice.",
      params: SessionParams, querystring: RefreshQuery,
      response: { 200: { ...ref(Refresh), description: 'Done.' }, 202: { ...ref(Refresh), description: 'Still under way; ask again to see how far it is.' } },
      errors: ['SESSION_NOT_FOUND', 'NOT_LINKED', 'NOT_CONNECTED', 'WHATSAPP_UNAVAILABLE', 'OWNER_UNAVAILABLE'],
    },
  }, async ({ params, query: { chats = 20, messages = 50 } }, reply) => {
    const refresh = await app.whatsapp.refresh(params.session_id, { chats, messages }, REFRESH_WAIT_MS)
    return reply.code(refresh.status === 'ok' ? 200 : 202).send(refresh)
  })

  app.get('/sessions/:session_id/chats/:chat_id', {
    schema: {
      operationId: 'getChat', tags: TAGS, summary: 'Get a chat', description: 'One chat; with its members when it is a group. A number nobody ever wrote to or heard from has no chat.',
      params: ChatParams,
      response: { 200: ref(Chat) },
      errors: ['SESSION_NOT_FOUND', 'CHAT_NOT_FOUND'],
    },
  }, async ({ params }) => {
    const session = await app.sessions.require(params.session_id)
    return getChat(app.store, session, await canonicalChatId(app.store, session, params.chat_id))
  })
}
