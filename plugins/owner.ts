import replyFrom from '@fastify/reply-from'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { Problem } from '../src/errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The operation works on the socket of its session, so the node that runs the session does it; with `create` there may be no such session yet. */
    owner?: 'needed' | 'create'
  }
}

/** Says that a request was handed on already: it is handed on once. */
const HOP = 'x-puente-hop'
const RETRY_SECONDS = 2

/** Hands a request that needs the socket of a session to the node that runs it. */
const owner: FastifyPluginAsync = async (app) => {
  const cluster = app.cluster.node
  if (cluster === null) return
  await app.register(replyFrom, { disableCache: true })
  app.addHook('preHandler', async (request, reply) => {
    const rule = request.routeOptions.config.owner
    if (rule === undefined) return
    const { session_id: id } = request.params as { readonly session_id: string }
    if (cluster.lease(id) !== null) return
    const unavailable = new Problem('OWNER_UNAVAILABLE', `No node can work on session '${id}' right now.`, { retryAfterSeconds: RETRY_SECONDS })
    const node = await cluster.ownerOf(id)
    if (node === null || node.id === cluster.node.id) {
      // A session that does not exist is not taken: the handler says so.
      if (rule === 'needed' && (await app.sessions.get(id)) === null) return
      if ((await cluster.take(id)) === null) throw unavailable
      return
    }
    if (request.headers[HOP] !== undefined) throw unavailable
    return reply.from(node.url + request.url, {
      rewriteRequestHeaders: (_request, headers) => ({ ...headers, [HOP]: cluster.node.id }),
      onError: (answer) => void answer.send(unavailable),
    })
  })
}

export default fp(owner, { name: 'owner', dependencies: ['cluster', 'sessions'] })
