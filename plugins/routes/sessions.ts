import { type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { PageQuery, pageOf } from '../../schemas/page.ts'
import { ref } from '../../schemas/ref.ts'
import { Session, SessionLogout, SessionParams, SessionRemoval, SessionStart, StartQuery } from '../../schemas/session.ts'
import { nextPageLink } from '../../src/http/page-link.ts'
import { toPageRequest } from '../../src/http/page-request.ts'
import { toDataUrl } from '../../src/sessions/qr-image.ts'
import { asItStands, toSession, toSessionStart } from '../../src/sessions/view.ts'

const TAGS = ['Sessions']

/** Creating, watching, stopping and removing sessions. */
export const sessionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/sessions', {
    schema: {
      operationId: 'listSessions', tags: TAGS, summary: 'List sessions', description: 'Every session, newest first.',
      querystring: PageQuery,
      response: { 200: pageOf(Session, 'A page of sessions.') },
    },
  }, async (request, reply) => {
    const { rows, next } = await app.sessions.page(toPageRequest(request.query))
    if (next !== null) reply.header('link', nextPageLink(request.url, next))
    return (await Promise.all(rows.map((row) => asItStands(row, app.cluster.ownership)))).map(toSession)
  })

  app.post('/sessions/:session_id', {
    config: { owner: 'create' },
    schema: {
      operationId: 'startSession', tags: TAGS, summary: 'Start a session', description: 'Creates the session if need be, starts or resumes it, and waits until it shows a QR code, is logged in, or can be neither. Safe to repeat.',
      params: SessionParams, querystring: StartQuery,
      response: { 200: ref(SessionStart) },
      errors: ['SESSION_REMOVED', 'OWNER_UNAVAILABLE'],
    },
  }, async ({ params: { session_id }, query: { wait = DEFAULT_WAIT_SECONDS } }) => {
    const session = await app.whatsapp.start(session_id, wait * 1000)
    const qr = app.whatsapp.qr(session_id)
    return toSessionStart(session, qr && { dataUrl: await toDataUrl(qr.text), expiresAt: qr.expiresAt })
  })

  app.get('/sessions/:session_id', {
    schema: {
      operationId: 'getSession', tags: TAGS, summary: 'Get a session', description: 'The session with its state, and the linked account when there is one.',
      params: SessionParams,
      response: { 200: ref(Session) },
      errors: ['SESSION_NOT_FOUND'],
    },
  }, async ({ params }) => toSession(await asItStands(await app.sessions.require(params.session_id), app.cluster.ownership)))

  app.delete('/sessions/:session_id', {
    config: { owner: 'needed' },
    schema: {
      operationId: 'deleteSession', tags: TAGS, summary: 'Remove a session', description: 'Logs out on WhatsApp (waits up to 10 seconds for its answer), then removes the session with all its chats and messages.',
      params: SessionParams,
      response: { 200: ref(SessionRemoval) },
      errors: ['SESSION_NOT_FOUND', 'OWNER_UNAVAILABLE'],
    },
  }, async ({ params }) => {
    const { remote } = await app.whatsapp.remove(params.session_id)
    return { status: 'logged_out' as const, remote }
  })

  app.post('/sessions/:session_id/stop', {
    config: { owner: 'needed' },
    schema: {
      operationId: 'stopSession', tags: TAGS, summary: 'Stop a session', description: 'Closes the connection and keeps the link: starting again needs no QR code.',
      params: SessionParams,
      response: { 200: ref(Session) },
      errors: ['SESSION_NOT_FOUND', 'OWNER_UNAVAILABLE'],
    },
  }, async ({ params }) => toSession(await app.whatsapp.stop(params.session_id)))

  app.post('/sessions/:session_id/restart', {
    config: { owner: 'needed' },
    schema: {
      operationId: 'restartSession', tags: TAGS, summary: 'Restart a session', description: 'Closes the connection and opens it again.',
      params: SessionParams,
      response: { 200: ref(Session) },
      errors: ['SESSION_NOT_FOUND', 'SESSION_REMOVED', 'OWNER_UNAVAILABLE'],
    },
  }, async ({ params }) => toSession(await app.whatsapp.restart(params.session_id)))

  app.post('/sessions/:session_id/logout', {
    config: { owner: 'needed' },
    schema: {
      operationId: 'logoutSession', tags: TAGS, summary: 'Log a session out', description: 'Removes the link on WhatsApp (waits up to 10 seconds for its answer) and keeps the session, its chats and its messages.',
      params: SessionParams,
      response: { 200: ref(SessionLogout) },
      errors: ['SESSION_NOT_FOUND', 'OWNER_UNAVAILABLE'],
    },
  }, async ({ params }) => {
    const { session, remote } = await app.whatsapp.logout(params.session_id)
    return { status: 'logged_out' as const, remote, session: toSession(session) }
  })
}

const DEFAULT_WAIT_SECONDS = 10
