import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { liveEndpoint, sandboxEndpoint } from '../src/whatsapp/endpoint.ts'
import { guardHolds } from '../src/whatsapp/guard/self-test/self-test.ts'
import { whatsappManager, type ManagerParts } from '../src/whatsapp/manager.ts'
import type { WhatsApp } from '../src/whatsapp/whatsapp.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly whatsapp: WhatsApp
  }
}

/** Connects the sessions; the logins start once the server listens, or, where nodes share a store, when a session comes to run here. */
const whatsapp: FastifyPluginAsync<{ make?: ((parts: ManagerParts) => WhatsApp) | undefined }> = async (app, { make = whatsappManager }) => {
  if (make === whatsappManager) await guardHolds()
  const endpoint = app.simulator ? sandboxEndpoint(app.simulator) : liveEndpoint()
  const manager = make({ config: app.config, endpoint, store: app.store, ownership: app.cluster.ownership, sessions: app.sessions, live: app.events.live, log: app.log, closing: app.drain })
  app.decorate('whatsapp', manager)
  app.addHook('onReady', () => manager.recover())
  app.addHook('onListen', async () => manager.resume())
  app.addHook('onClose', () => manager.close())
}

export default fp(whatsapp, { name: 'whatsapp', dependencies: ['cluster', 'config', 'drain', 'events', 'simulator', 'store', 'sessions'] })
