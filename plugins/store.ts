import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { openStore } from '../src/store/open.ts'
import { startPruning, type Pruning } from '../src/store/pruning.ts'
import type { Store, StoreOptions } from '../src/store/store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly store: Store
  }
}

/** Opens the store: for real credentials or for the sandbox's, never both. */
const store: FastifyPluginAsync<{ open?: ((options: StoreOptions) => Promise<Store>) | undefined }> = async (app, { open = openStore }) => {
  const { dataDir, sandbox, redis } = app.config
  const opened = await open({ mode: sandbox.kind === 'off' ? 'live' : 'sandbox', dataDir, ...(redis !== null && { redis: { ...redis, redis: app.redis } }) })
  app.decorate('store', opened)
  let pruning: Pruning | null = null
  app.addHook('onListen', async () => {
    pruning = startPruning({ store: opened, events: app.config.events, log: app.log })
  })
  app.addHook('onClose', async () => {
    await pruning?.stop()
    await opened.close()
  })
}

export default fp(store, { name: 'store', dependencies: ['config', 'redis'] })
