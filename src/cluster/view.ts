import type { Cluster } from '../../schemas/cluster.ts'
import type { SessionRegistry } from '../sessions/registry.ts'
import type { ClusterNode } from './cluster.ts'

const isoOf = (ms: number): string => new Date(ms).toISOString()

/** The cluster as callers see it. */
export async function toCluster(cluster: ClusterNode): Promise<Cluster> {
  const [nodes, leases] = await Promise.all([cluster.nodes(), cluster.leases()])
  return {
    nodes: nodes.map(({ id, url, startedAt }) => ({ id, url, startedAt: isoOf(startedAt), sessionCount: leases.filter(({ nodeId }) => nodeId === id).length, isThis: id === cluster.node.id })),
    sessions: leases.map(({ sessionId, nodeId, claimedAt }) => ({ id: sessionId, nodeId, since: claimedAt === null ? null : isoOf(claimedAt) })),
  }
}

/** What the only gateway on a store of its own is called. */
const SOLE = 'alone'

/** The same of a gateway that shares its store with nobody. */
export async function toSoleCluster(sessions: SessionRegistry, url: string): Promise<Cluster> {
  const ids: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<SessionRegistry['page']>> = await sessions.page({ limit: 200, cursor })
    ids.push(...page.rows.map(({ id }) => id))
    cursor = page.next
  } while (cursor !== null)
  const startedAt = isoOf(Date.now() - process.uptime() * 1000)
  return { nodes: [{ id: SOLE, url, startedAt, sessionCount: ids.length, isThis: true }], sessions: ids.map((id) => ({ id, nodeId: SOLE, since: startedAt })) }
}
