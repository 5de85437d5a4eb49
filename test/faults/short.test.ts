import { expect, it } from 'vitest'
import { complaintsOf } from './checker.ts'
import { run } from './run.ts'

const LONGEST_MS = 240_000

it('kills and resets lose nothing, double nothing and turn nothing round', async () => {
  const seed = Number(process.env['FAULTS_SEED'] ?? Date.now() & 0xffffff)
  process.stderr.write(`faults: seed ${seed}; again with FAULTS_SEED=${seed}\n`)
  const figures = await run({ seed, sessions: 2, contacts: 5, messages: 240, sends: 50, kills: 5, resets: 5, timedResets: 2, halfOpen: 1, stops: 2, storeFaults: 1 })
  expect(complaintsOf(figures)).toEqual([])
  expect(figures).toMatchObject({ accepted: 50 })
  expect(figures.expected).toBeGreaterThanOrEqual(240)
}, LONGEST_MS)
