import type { Cluster } from '../../schemas/cluster.ts'
import type { ClusterNode } from './cluster.ts'

/** The cluster as callers see it. */
export async function toCluster(cluster: ClusterNode): Promise<Cluster> {
  const [nodes, leases] = await Promise.all([cluster.nodes(), cluster.leases()])
  const isoOf = (ms: number): string => new Date(ms).toISOString()
  return {
    nodes: nodes.map(({ id, url, startedAt }) => ({ id, url, startedAt: isoOf(startedAt), sessionCount: leases.filter(({ nodeId }) => nodeId === id).length, isThis: id === cluster.node.id })),
    sessions: leases.map(({ sessionId, nodeId, claimedAt }) => ({ id: sessionId, nodeId, since: claimedAt === null ? null : isoOf(claimedAt) })),
  }
}
