import { setTimeout as delay } from 'node:timers/promises'
import replyFrom from '@fastify/reply-from'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { Problem } from '../src/errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * The operation works on the socket of its session, or on what its node holds in memory, so the node that runs the session does it; with `create` there may be
     * no such session yet. A function finds the session where the path does not name it; null is none.
     */
    owner?: 'needed' | 'create' | ((request: FastifyRequest) => string | null)
  }
}

/** Says that a request was handed on already: it is handed on once, and once more by a node that closes. */
const HOP = 'x-puente-hop'
const RETRY_SECONDS = 2
/** How long a request waits for a session that nobody has: a hand-over takes less. */
const WAIT_MS = 3000
const LOOK_MS = 50

/** Hands a request that needs the socket of a session to the node that runs it. */
const owner: FastifyPluginAsync = async (app) => {
  const cluster = app.cluster.node
  if (cluster === null) return
  await app.register(replyFrom, { disableCache: true })
  app.addHook('preHandler', async (request, reply) => {
    const rule = request.routeOptions.config.owner
    if (rule === undefined) return
    const id = typeof rule === 'function' ? rule(request) : (request.params as { readonly session_id: string }).session_id
    if (id === null) return
    const unavailable = new Problem('OWNER_UNAVAILABLE', `No node can work on session '${id}' right now.`, { retryAfterSeconds: RETRY_SECONDS })
    for (const until = performance.now() + WAIT_MS; ; await delay(LOOK_MS)) {
      // A node that closes has ended its sessions, though it may hold them yet.
      const isDraining = cluster.isDraining()
      if (!isDraining && cluster.lease(id) !== null) return
      const node = (await cluster.ownerOf(id)) ?? (isDraining ? await cluster.another() : null)
      if (node !== null && node.id !== cluster.node.id) {
        if (request.headers[HOP] !== undefined && !isDraining) throw unavailable
        return reply.from(node.url + request.url, {
          rewriteRequestHeaders: (_request, headers) => ({ ...headers, [HOP]: cluster.node.id }),
          onError: (answer) => void answer.send(unavailable),
        })
      }
      // A session that does not exist is not taken: the handler says so.
      if (rule !== 'create' && (await app.sessions.get(id)) === null) return
      if ((await cluster.take(id)) !== null) return
      if (performance.now() > until) throw unavailable
    }
  })
}

export default fp(owner, { name: 'owner', dependencies: ['cluster', 'sessions'] })
