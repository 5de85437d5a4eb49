import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ChatParams } from '../../schemas/chat.ts'
import { Contact } from '../../schemas/contact.ts'
import { ref } from '../../schemas/ref.ts'
import { canonicalPersonId } from '../../src/chats/identity.ts'

/** People and what their profiles show. */
export const contactRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/sessions/:session_id/chats/:chat_id/contact', {
    config: { owner: 'needed' },
    schema: {
      operationId: 'getContact', tags: ['Contacts'], summary: "Get a chat's contact", description: 'The person behind a chat, or behind any number: what is known here, and what their profile shows now when the session is connected. What cannot be asked is null.',
      params: ChatParams,
      response: { 200: ref(Contact) },
      errors: ['SESSION_NOT_FOUND', 'OWNER_UNAVAILABLE'],
    },
  }, async ({ params }) => {
    const session = await app.sessions.require(params.session_id)
    return app.whatsapp.contact(session.id, await canonicalPersonId(app.store, session, params.chat_id))
  })
}
