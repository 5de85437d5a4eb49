import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { openEgress } from '../src/egress/egress.ts'
import { webhooksOf, type Webhooks } from '../src/webhooks/webhooks.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly webhooks: Webhooks
  }
}

/** Posts events to webhooks, from when the server listens until it closes. */
const webhooks: FastifyPluginAsync<{ divisor?: number | undefined }> = async (app, { divisor }) => {
  const egress = openEgress({ privateTargets: app.config.egress.webhooks })
  const made = webhooksOf({ store: app.store, egress, divisor, warn: (err, words) => app.log.warn({ err }, words) })
  app.decorate('webhooks', made)
  app.addHook('onListen', () => made.start())
  app.addHook('onClose', async () => {
    await made.close()
    await egress.close()
  })
}

export default fp(webhooks, { name: 'webhooks', dependencies: ['config', 'store'] })
