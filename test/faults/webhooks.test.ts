import { expect, it } from 'vitest'
import { webhookComplaints } from './webhooks-part.ts'
import { runWebhooks } from './webhooks/run.ts'

const LONGEST_MS = 180_000

it('an endpoint and a gateway that die lose no event, turn nothing round and repeat next to nothing', async () => {
  const seed = Number(process.env['FAULTS_SEED'] ?? Date.now() & 0xffffff)
  process.stderr.write(`webhooks: seed ${seed}; again with FAULTS_SEED=${seed}\n`)
  // The time-out is longer than in the full form: other tests run beside this one.
  // What is under way at a kill is repeated: eight of each session, so these cannot be one in a hundred.
  const figures = await runWebhooks({ seed, sessions: 2, events: 2400, kills: 1, endpointKills: 4, rate: 600, haste: 5000, timeoutHaste: 30 })
  expect(webhookComplaints(figures)).toEqual([])
}, LONGEST_MS)
