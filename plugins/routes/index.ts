import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { chatActionRoutes } from './chat-actions.ts'
import { chatRoutes } from './chats.ts'
import { clusterRoutes } from './cluster.ts'
import { contactRoutes } from './contacts.ts'
import { eventRoutes } from './events.ts'
import { healthRoutes } from './health.ts'
import { linkingRoutes } from './linking.ts'
import { messageActionRoutes } from './message-actions.ts'
import { messageRoutes } from './messages.ts'
import { sandboxScope } from './sandbox-scope.ts'
import { serverRoutes } from './server.ts'
import { sessionRoutes } from './sessions.ts'
import { webhookRoutes } from './webhooks.ts'

/** The URL tree. */
const routes: FastifyPluginAsync = async (app) => {
  await app.register(serverRoutes)
  await app.register(healthRoutes)
  await app.register(clusterRoutes)
  await app.register(sessionRoutes)
  await app.register(linkingRoutes)
  await app.register(chatRoutes)
  await app.register(chatActionRoutes)
  await app.register(messageRoutes)
  await app.register(messageActionRoutes)
  await app.register(contactRoutes)
  await app.register(eventRoutes)
  await app.register(webhookRoutes)
  await app.register(sandboxScope)
}

export default fp(routes, { name: 'routes', dependencies: ['auth', 'cluster', 'config', 'drain', 'events', 'sessions', 'simulator', 'store', 'webhooks', 'whatsapp'] })
