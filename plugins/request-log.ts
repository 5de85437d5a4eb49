import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { withoutQuery } from '../src/http/problem-document.ts'

/** Echoes the id of each request, and logs one line when it was answered: no query, no headers, no bodies. */
const requestLog: FastifyPluginAsync = async (app) => {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.addHook('onResponse', async (request, reply) => {
    request.log.info({ method: request.method, path: withoutQuery(request.url), status: reply.statusCode, elapsedMs: Math.round(reply.elapsedTime) }, 'request')
  })
}

export default fp(requestLog, { name: 'request-log' })
