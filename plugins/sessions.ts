import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { sessionRegistry, type SessionRegistry } from '../src/sessions/registry.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly sessions: SessionRegistry
  }
}

const sessions: FastifyPluginAsync = async (app) => {
  app.decorate('sessions', sessionRegistry(app.store, (id) => app.cluster.ownership.lease(id)?.fence ?? null))
}

export default fp(sessions, { name: 'sessions', dependencies: ['cluster', 'store'] })
