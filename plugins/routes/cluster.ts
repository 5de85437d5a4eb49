import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Cluster } from '../../schemas/cluster.ts'
import { ref } from '../../schemas/ref.ts'
import { toCluster, toSoleCluster } from '../../src/cluster/view.ts'

/** Which gateways there are. */
export const clusterRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/cluster', {
    schema: {
      operationId: 'getCluster', tags: ['Server'], summary: 'The nodes', description: 'The gateways that share one Redis, and which of them runs which session. A gateway on a store of its own is the only one.',
      response: { 200: ref(Cluster) },
    },
  }, () => (app.cluster.node === null ? toSoleCluster(app.sessions, app.server.listening ? app.listeningOrigin : '') : toCluster(app.cluster.node)))
}
