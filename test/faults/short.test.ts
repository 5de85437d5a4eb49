import { describe, expect, it } from 'vitest'
import { isOverRedis } from '../support/store-env.ts'
import { complaintsOf } from './checker.ts'
import { ghostsPart } from './ghosts-part.ts'
import { run } from './run.ts'

const LONGEST_MS = 240_000
const store = isOverRedis ? 'redis' : 'sqlite'

describe('the fault tests in short', () => {
  it('kills, resets, silence, stops and a failing disk lose nothing, double nothing and turn nothing round', async () => {
    const seed = Number(process.env['FAULTS_SEED'] ?? Date.now() & 0xffffff)
    process.stderr.write(`faults: seed ${seed}; again with FAULTS_SEED=${seed}\n`)
    const figures = await run({ seed, store, sessions: 2, contacts: 5, messages: 240, sends: 50, kills: 5, resets: 5, timedResets: 2, halfOpen: 1, stops: 2, storeFaults: 1 })
    expect(complaintsOf(figures)).toEqual([])
    expect(figures).toMatchObject({ accepted: 50, timed: 2 })
    expect(figures.expected).toBeGreaterThanOrEqual(240)
  }, LONGEST_MS)

  it('sends to nobody are never told to be sent, and hold nobody up', async () => {
    const rows = await ghostsPart({ store, ghosts: 2, isPatient: false })
    expect(rows.filter(({ good }) => !good)).toEqual([])
  }, LONGEST_MS)
})
