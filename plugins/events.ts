import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { eventLog, type EventLog } from '../src/events/log.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly events: EventLog
  }
}

const events: FastifyPluginAsync = async (app) => {
  app.decorate('events', eventLog(app.store))
}

export default fp(events, { name: 'events', dependencies: ['store'] })
