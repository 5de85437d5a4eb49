import { hostname } from 'node:os'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { clusterNode, type ClusterNode } from '../src/cluster/cluster.ts'
import { soleOwner, type Ownership } from '../src/cluster/lease.ts'
import { nodeName } from '../src/cluster/node-id.ts'
import { keysOf } from '../src/store/redis/keys.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly cluster: {
      /** Which sessions run here. */
      readonly ownership: Ownership
      /** This one of the nodes that share Redis; null without it. */
      readonly node: ClusterNode | null
    }
  }
}

/** Makes this gateway one of several that share Redis; without Redis everything runs here. */
const cluster: FastifyPluginAsync = async (app) => {
  const { redis: settings, node, dataDir } = app.config
  if (settings === null) {
    app.decorate('cluster', { ownership: soleOwner, node: null })
    return
  }
  const name = nodeName(node.id, dataDir)
  const made = clusterNode({ redis: app.redis, keys: keysOf(settings.prefix), nodeId: name.id, place: settings.place, log: app.log })
  app.decorate('cluster', { ownership: made, node: made })
  app.addHook('onReady', () => made.reclaim())
  app.addHook('onListen', () => made.start(node.url ?? ownUrl(app)))
  app.addHook('preClose', () => made.drain())
  app.addHook('onClose', async () => name.unlock())
}

export default fp(cluster, { name: 'cluster', dependencies: ['config', 'redis'] })

/** The address that others can use: that of a name where this gateway listens on all. */
function ownUrl(app: FastifyInstance): string {
  const { host } = app.config.http
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : app.config.http.port
  const isAll = host === '0.0.0.0' || host === '::'
  return `http://${isAll ? hostname() : host.includes(':') ? `[${host}]` : host}:${port}`
}
