import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { openEgress } from '../src/egress/egress.ts'
import type { Haste } from '../src/webhooks/schedule.ts'
import { webhooksOf, type Webhooks } from '../src/webhooks/webhooks.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly webhooks: Webhooks
  }
}

/** Posts events to webhooks, from when the server listens until it closes. */
const webhooks: FastifyPluginAsync<{ haste?: Haste | undefined }> = async (app, { haste }) => {
  const egress = openEgress({ privateTargets: app.config.egress.webhooks })
  const made = webhooksOf({ store: app.store, ownership: app.cluster.ownership, egress, haste, warn: (err, words) => app.log.warn({ err }, words) })
  app.decorate('webhooks', made)
  app.addHook('onListen', () => made.start())
  app.addHook('onClose', async () => {
    await made.close()
    await egress.close()
  })
}

export default fp(webhooks, { name: 'webhooks', dependencies: ['cluster', 'config', 'store'] })
