import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { shareLive } from '../src/cluster/live.ts'
import { liveChannel } from '../src/events/live.ts'
import { eventLog, type EventLog } from '../src/events/log.ts'
import { keysOf } from '../src/store/redis/keys.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly events: EventLog
  }
}

const events: FastifyPluginAsync = async (app) => {
  const { redis: settings } = app.config
  if (settings === null) {
    app.decorate('events', eventLog(app.store))
    return
  }
  const live = await shareLive(liveChannel(), app.redis, keysOf(settings.prefix).gateway.live)
  app.decorate('events', eventLog(app.store, live))
  app.addHook('onClose', async () => live.close())
}

export default fp(events, { name: 'events', dependencies: ['config', 'redis', 'store'] })
