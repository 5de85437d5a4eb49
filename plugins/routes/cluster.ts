import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Cluster } from '../../schemas/cluster.ts'
import { ref } from '../../schemas/ref.ts'
import { toCluster } from '../../src/cluster/view.ts'
import { Problem } from '../../src/errors.ts'

/** Which gateways there are. */
export const clusterRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/cluster', {
    schema: {
      operationId: 'getCluster', tags: ['Server'], summary: 'The nodes', description: 'The gateways that share one Redis, and which of them runs which session.',
      response: { 200: ref(Cluster) },
      errors: ['NO_CLUSTER'],
    },
  }, async () => {
    const { node } = app.cluster
    if (node === null) throw new Problem('NO_CLUSTER', 'This gateway keeps everything in its own data folder; set REDIS_URL to run several.')
    return toCluster(node)
  })
}
