import { expect, it } from 'vitest'
import { webhookComplaints } from './webhooks-part.ts'
import { runWebhooks } from './webhooks/run.ts'

const LONGEST_MS = 180_000

it('an endpoint and a gateway that die lose no event, turn nothing round and repeat next to nothing', async () => {
  const seed = Number(process.env['FAULTS_SEED'] ?? Date.now() & 0xffffff)
  process.stderr.write(`webhooks: seed ${seed}; again with FAULTS_SEED=${seed}\n`)
  // The time-out is longer than in the full form: other tests run beside this one.
  const figures = await runWebhooks({ seed, sessions: 5, events: 3000, kills: 2, endpointKills: 4, rate: 600, haste: 5000, timeoutHaste: 30 })
  expect(webhookComplaints(figures)).toEqual([])
}, LONGEST_MS)
