import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ref } from '../../schemas/ref.ts'
import {
  SandboxCall, SandboxCallParams, SandboxContact, SandboxContactParams, SandboxDeletion, SandboxEdit, SandboxMessage, SandboxMessageParams, SandboxNewContact, SandboxPresence, SandboxReaction, SandboxReceipts,
  SandboxVote, SandboxWholeMessage, SandboxWritten,
} from '../../schemas/sandbox.ts'
import { SandboxSpeech } from '../../schemas/sandbox-speech.ts'
import { simulatorOf } from './sandbox-simulator.ts'

const DONE = { 204: Type.Null({ description: 'Done.' }) }
const WRITTEN = { 201: { ...ref(SandboxWritten), description: 'Written; it is on its way to its readers.' } }

/** What the simulated contacts do. */
export const sandboxContactRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const schema = { tags: ['Sandbox'], errors: ['SANDBOX_OFF', 'SANDBOX_TARGET_NOT_FOUND'] as const }
  const params = SandboxContactParams

  app.post('/sandbox/contacts', {
    schema: {
      ...schema, operationId: 'putSandboxContact', summary: 'Make or update a contact', description: 'A contact that answers by itself as told; one of this phone that exists is updated, and keeps what the body leaves out.',
      body: ref(SandboxNewContact), response: { 200: ref(SandboxContact) },
    },
  }, async ({ body: { about, picture, ...person } }) => {
    const simulator = simulatorOf(app)
    const contact = simulator.addContact(person)
    if (about !== undefined) simulator.setAbout(contact.phone, about)
    if (picture !== undefined) await simulator.setPicture(contact.phone, picture === null ? undefined : Buffer.from(picture, 'base64'))
    return contact
  })

  app.post('/sandbox/contacts/:phone/messages', {
    schema: {
      ...schema, operationId: 'sendSandboxMessage', summary: 'Let a contact write', description: 'The contact writes to an account or a group; unknown phones become contacts at once.',
      params, body: ref(SandboxSpeech), response: WRITTEN,
      requestExamples: {
        text: { summary: 'A text', value: { to: '+34600000001', type: 'text', text: 'Hello' } },
        image: { summary: 'An image with a caption', value: { to: '+34600000001', type: 'image', text: 'Look' } },
        poll: { summary: 'A poll', value: { to: '+34600000001', type: 'poll', text: 'Lunch?', options: ['Yes', 'No'] } },
      },
    },
  }, async ({ params: { phone }, body }, reply) => reply.code(201).send(await simulatorOf(app).say(phone, body)))

  app.get('/sandbox/contacts/:phone/messages', {
    schema: {
      ...schema, operationId: 'listSandboxMessages', summary: "Read a contact's messages", description: 'Each message that this phone received and decrypted, once, in the order of arrival, with how many copies came.',
      params, response: { 200: Type.Array(ref(SandboxMessage)) },
    },
  }, async ({ params: { phone } }) => simulatorOf(app).messagesOf(phone))

  app.get('/sandbox/contacts/:phone/messages/:message_id', {
    schema: {
      ...schema, operationId: 'getSandboxMessage', summary: "Read one of a contact's messages", description: 'One message that this phone received and decrypted, with what it says as WhatsApp encodes it.',
      params: SandboxMessageParams, response: { 200: ref(SandboxWholeMessage) },
    },
  }, async ({ params: { phone, message_id: id } }) => {
    const { content, ...message } = simulatorOf(app).messageOf(phone, id)
    return { ...message, content: { ...content } }
  })

  app.post('/sandbox/contacts/:phone/receipts', {
    schema: {
      ...schema, operationId: 'sendSandboxReceipts', summary: 'Let a contact send receipts', description: 'The contact tells the writers that it has, has read or has played messages.',
      params, body: ref(SandboxReceipts), response: DONE,
    },
  }, async ({ params: { phone }, body }, reply) => {
    simulatorOf(app).receipt(phone, body.messageIds, body.type)
    return reply.code(204).send(null)
  })

  app.post('/sandbox/contacts/:phone/presence', {
    schema: {
      ...schema, operationId: 'setSandboxPresence', summary: 'Let a contact come, go or type', description: 'Shows the contact available or not, or typing, recording or pausing to somebody.',
      params, body: ref(SandboxPresence), response: DONE,
    },
  }, async ({ params: { phone }, body }, reply) => {
    simulatorOf(app).presence(phone, body.state, body.to)
    return reply.code(204).send(null)
  })

  app.post('/sandbox/contacts/:phone/reactions', {
    schema: {
      ...schema, operationId: 'sendSandboxReaction', summary: 'Let a contact react', description: 'The contact reacts to a message that it wrote or received.',
      params, body: ref(SandboxReaction), response: WRITTEN,
    },
  }, async ({ params: { phone }, body }, reply) => reply.code(201).send(await simulatorOf(app).react(phone, body.messageId, body.emoji)))

  app.post('/sandbox/contacts/:phone/votes', {
    schema: {
      ...schema, operationId: 'sendSandboxVote', summary: 'Let a contact vote', description: 'The contact chooses options of a poll that it wrote or received.',
      params, body: ref(SandboxVote), response: WRITTEN,
    },
  }, async ({ params: { phone }, body }, reply) => reply.code(201).send(await simulatorOf(app).vote(phone, body.messageId, body.options)))

  app.post('/sandbox/contacts/:phone/edits', {
    schema: {
      ...schema, operationId: 'sendSandboxEdit', summary: 'Let a contact edit', description: 'The contact changes the text of a message that it wrote.',
      params, body: ref(SandboxEdit), response: WRITTEN,
    },
  }, async ({ params: { phone }, body }, reply) => reply.code(201).send(await simulatorOf(app).edit(phone, body.messageId, body.text)))

  app.post('/sandbox/contacts/:phone/deletions', {
    schema: {
      ...schema, operationId: 'sendSandboxDeletion', summary: 'Let a contact delete', description: 'The contact deletes a message that it wrote, for everybody.',
      params, body: ref(SandboxDeletion), response: WRITTEN,
    },
  }, async ({ params: { phone }, body }, reply) => reply.code(201).send(await simulatorOf(app).delete(phone, body.messageId)))

  app.post('/sandbox/contacts/:phone/calls', {
    schema: {
      ...schema, operationId: 'startSandboxCall', summary: 'Let a contact call', description: 'The contact calls an account; it rings on its linked devices until one rejects it or the call is ended.',
      params, body: ref(SandboxCall), response: { 201: { ...ref(SandboxWritten), description: 'It rings.' } },
    },
  }, async ({ params: { phone }, body }, reply) => reply.code(201).send(simulatorOf(app).call(phone, body.to, body.video)))

  app.delete('/sandbox/calls/:call_id', {
    schema: {
      ...schema, operationId: 'endSandboxCall', summary: 'End a call', description: 'The caller gives up.',
      params: SandboxCallParams, response: DONE,
    },
  }, async ({ params: { call_id } }, reply) => {
    simulatorOf(app).endCall(call_id)
    return reply.code(204).send(null)
  })
}
