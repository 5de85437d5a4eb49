import { expect, it } from 'vitest'
import { complaintsOf } from './checker.ts'
import { run } from './run.ts'

const LONGEST_MS = 180_000

it('kills and resets lose nothing, double nothing and turn nothing round', async () => {
  const seed = Number(process.env['FAULTS_SEED'] ?? Date.now() & 0xffffff)
  process.stderr.write(`faults: seed ${seed}; again with FAULTS_SEED=${seed}\n`)
  const figures = await run({ seed, sessions: 2, contacts: 5, messages: 300, sends: 60, kills: 8, resets: 6 })
  expect(complaintsOf(figures)).toEqual([])
  expect(figures).toMatchObject({ accepted: 60 })
  expect(figures.expected).toBeGreaterThanOrEqual(300)
}, LONGEST_MS)
