import { Type, type Static } from '@sinclair/typebox'

const ClusterNode = Type.Object(
  {
    id: Type.String(),
    url: Type.String({ description: 'Where the other nodes reach it.' }),
    startedAt: Type.String({ format: 'date-time' }),
    sessionCount: Type.Integer({ minimum: 0, description: 'How many sessions it runs.' }),
    isThis: Type.Boolean({ description: 'Whether it gave this answer.' }),
  },
  { description: 'A gateway that lives.' },
)

const ClusterSession = Type.Object(
  {
    id: Type.String(),
    nodeId: Type.Union([Type.String(), Type.Null()], { description: 'Who runs it; null while nobody does.' }),
    since: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description: 'Since when.' }),
  },
  { description: 'A session, or what is left of one that was deleted until its webhooks have it all.' },
)

/** What `GET /cluster` answers. */
export const Cluster = Type.Object(
  {
    nodes: Type.Array(ClusterNode),
    sessions: Type.Array(ClusterSession),
  },
  { $id: 'Cluster', description: 'The gateways that share one Redis, and which of them runs which session.' },
)
export type Cluster = Static<typeof Cluster>
