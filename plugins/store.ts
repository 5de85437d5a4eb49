import redisPlugin from '@fastify/redis'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { openStore } from '../src/store/open.ts'
import { startPruning, type Pruning } from '../src/store/pruning.ts'
import { enterRedis } from '../src/store/redis/enter.ts'
import type { RedisPlace, Store, StoreOptions } from '../src/store/store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly store: Store
  }
}

/** Opens the store: for real credentials or for the sandbox's, never both. */
const store: FastifyPluginAsync<{ open?: ((options: StoreOptions) => Promise<Store>) | undefined }> = async (app, { open = openStore }) => {
  const { dataDir, sandbox } = app.config
  const redis = await redisOf(app)
  const opened = await open({ mode: sandbox.kind === 'off' ? 'live' : 'sandbox', dataDir, ...(redis !== null && { redis }) })
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

export default fp(store, { name: 'store', dependencies: ['config'] })

/** Decorates the instance with the connection to Redis, where the settings name one. */
async function redisOf(app: FastifyInstance): Promise<RedisPlace | null> {
  const { redis: settings, secrets: { redisUrl } } = app.config
  if (settings === null || redisUrl === null) return null
  const { place, prefix, isUnsafe } = settings
  const client = await enterRedis({ url: redisUrl, place, isUnsafe, warn: (words) => app.log.warn(words) })
  await app.register(redisPlugin, { client, closeClient: true })
  return { redis: app.redis, prefix, place }
}
