import { linksOf } from './checker.ts'
import { seeded } from './random.ts'
import type { Row } from './row.ts'
import { link, withStage } from './stage.ts'
import { crashPoint } from './strike.ts'
import { phoneOf } from './town.ts'

/** The size of the part about many sessions. */
export interface SessionsSize {
  readonly seed: number
  readonly sessions: number
  readonly kills: number
  /** Links during which the gateway dies at a commit or frame of its choice. */
  readonly linkKills: number
}

const OPEN_MS = 60_000
const LINKED_MS = 20_000
/** The commits or frames of a linking. */
const MOST_OF_A_LINK = 20
const GOAL_MS = 8000

/** Links while the gateway dies, then kills it again and again with all sessions linked. */
export function sessionsPart({ seed, sessions, kills, linkKills }: SessionsSize): Promise<readonly Row[]> {
  return withStage({ isBad: (rows: readonly Row[]) => rows.some(({ good }) => !good) }, async (stage) => {
    const { gateway, simulator } = stage
    const random = seeded(seed, 'sessions')
    const ids = Array.from({ length: sessions }, (_, place) => `session-${place}`)
    let repeated = 0

    for (const [place, id] of ids.entries()) {
      const isMortal = place < linkKills
      if (isMortal || place === linkKills) {
        await gateway.stop()
        await gateway.start(isMortal ? { FAULTS_CRASH: crashPoint(random, MOST_OF_A_LINK) } : {}).catch(() => gateway.kill())
      }
      const firstTry = link(stage, id, phoneOf(place)).catch(() => undefined)
      if (!isMortal) {
        await firstTry
        continue
      }
      await Promise.race([gateway.gone(LINKED_MS), firstTry.then(() => gateway.gone(LINKED_MS / 4))])
      await gateway.kill()
      await gateway.start()
      for (let isOpen = false; !isOpen; ) {
        isOpen = await gateway.allOpen([id], LINKED_MS / 4).then(() => true, () => false)
        if (isOpen) break
        // The phone never finished: its owner scans again.
        repeated += 1
        await link(stage, id, phoneOf(place)).catch(() => undefined)
      }
    }
    await gateway.allOpen(ids, OPEN_MS)
    const linked = linksOf(await simulator.manifest())

    const openMs: number[] = []
    for (let kill = 0; kill < kills; kill += 1) {
      await gateway.kill()
      await gateway.start()
      await gateway.allOpen(ids, OPEN_MS)
      openMs.push(Date.now() - gateway.spawnedAt())
    }
    openMs.sort((a, b) => a - b)
    const p95 = openMs[Math.max(0, Math.ceil(openMs.length * 0.95) - 1)] ?? 0
    const now = new Set(linksOf(await simulator.manifest()))
    const tally = await simulator.tally()
    const lost = linked.filter((one) => !now.has(one)).length
    return [
      { part: 'sessions', name: `open again after ${kills} kills, ${sessions} sessions, from spawn, p95`, goal: `<= ${GOAL_MS} ms`, found: `${p95} ms (worst ${openMs.at(-1) ?? 0})`, good: p95 <= GOAL_MS },
      { part: 'sessions', name: 'links lost or made again by a kill', goal: '0', found: String(lost + Math.max(0, now.size - sessions)), good: lost === 0 && now.size === sessions },
      { part: 'sessions', name: `pre-key ids used twice, of ${tally.preKeys}`, goal: '0', found: String(tally.reusedPreKeys), good: tally.reusedPreKeys === 0 },
      { part: 'sessions', name: `linkings begun again, of ${linkKills} that were killed`, goal: 'told', found: String(repeated), good: true },
    ]
  })
}
