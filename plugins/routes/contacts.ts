import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ChatParams } from '../../schemas/chat.ts'
import { ContactCheckRequest, ContactChecks } from '../../schemas/contact-check.ts'
import { Contact } from '../../schemas/contact.ts'
import { ref } from '../../schemas/ref.ts'
import { SessionParams } from '../../schemas/session.ts'
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

  app.post('/sessions/:session_id/contacts/check', {
    config: { owner: 'needed' },
    schema: {
      operationId: 'checkContacts', tags: ['Contacts'], summary: 'Check who is on WhatsApp', description: 'Asks WhatsApp which of up to 50 numbers have an account, and under which form of the number. Many questions about strangers look like spam to WhatsApp: ask about those who gave you their number.',
      params: SessionParams, body: ref(ContactCheckRequest),
      response: { 200: ContactChecks },
      errors: ['SESSION_NOT_FOUND', 'NOT_LINKED', 'NOT_CONNECTED', 'WHATSAPP_UNAVAILABLE', 'OWNER_UNAVAILABLE'],
      requestExamples: { two: { summary: 'Two numbers', value: { phones: ['+34600000001', '+5511987654321'] } } },
    },
  }, async ({ params, body }) => app.whatsapp.checkContacts((await app.sessions.require(params.session_id)).id, body.phones))
}
