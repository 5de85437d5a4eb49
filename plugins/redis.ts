import redisPlugin from '@fastify/redis'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { enterRedis } from '../src/store/redis/enter.ts'

/** Decorates the instance with the connection to Redis, where the settings name one; without it nothing asks for `redis`. */
const redis: FastifyPluginAsync = async (app) => {
  const { redis: settings, secrets: { redisUrl } } = app.config
  if (settings === null || redisUrl === null) return
  const { place, isUnsafe } = settings
  const client = await enterRedis({ url: redisUrl, place, isUnsafe, warn: (words) => app.log.warn(words) })
  await app.register(redisPlugin, { client, closeClient: true })
}

export default fp(redis, { name: 'redis', dependencies: ['config'] })
