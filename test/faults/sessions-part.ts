import { linksOf } from './checker.ts'
import { seeded, type Random } from './random.ts'
import type { Row } from './row.ts'
import { link, withStage, type Stage, type StageOptions } from './stage.ts'
import { crashPoint } from './strike.ts'
import { phoneOf } from './town.ts'
import { until } from './until.ts'
import { deafToSettings, killHistories, killRefills, orphanedPreKeys, unheard, type Owned } from './upkeep.ts'
import { watchful } from './watchful.ts'

/** The size of the part about many sessions. */
export interface SessionsSize extends Pick<StageOptions<unknown>, 'store'> {
  readonly seed: number
  readonly sessions: number
  /** With all sessions linked. */
  readonly kills: number
  /** Links during which the gateway dies: at any commit or frame, or soon after its pre-keys or the key share. */
  readonly linkKills: number
  /** Refills of pre-keys during which it dies. */
  readonly refillKills: number
  /** Notices of history during which it dies. */
  readonly historyKills: number
}

const OPEN_MS = 60_000
const LINKED_MS = 20_000
/** How long an opened link may take to come to the end that was chosen for the gateway. */
const DIES_MS = 1500
/** The commits or frames of a linking. */
const MOST_OF_A_LINK = 20
/** The same, from its pre-keys or its key share. */
const MOST_AFTER_A_MARK = 6
/** States of a session that begins no link and no login by itself, or has nothing more to begin. */
const SETTLED: ReadonlySet<string> = new Set(['open', 'qr', 'stopped', 'expired', 'logged_out', 'absent'])
const MOST_SCANS = 5
const GOAL_MS = 8000
const CONTACT = '15554000000'

/** Links, refills and histories while the gateway dies, then kills it again and again with all sessions linked. */
export function sessionsPart({ seed, store, sessions, kills, linkKills, refillKills, historyKills }: SessionsSize): Promise<readonly Row[]> {
  return withStage({ store, isBad: (rows: readonly Row[]) => rows.some(({ good }) => !good) }, async (stage) => {
    const { gateway, simulator } = stage
    const random = seeded(seed, 'sessions')
    const owned = Array.from({ length: sessions }, (_, place) => ({ id: `session-${place}`, phone: phoneOf(place) }))
    const ids = owned.map(({ id }) => id)
    const watch = watchful(`sessions, seed ${seed}`, { linked: sessions, killed: kills })
    try {
      await simulator.addContact({ phone: CONTACT, name: 'Contact', answersRetries: false })
      let diedLinking = 0
      let repeated = 0
      for (const [place, one] of owned.slice(0, linkKills).entries()) {
        const { died, scans } = await linkUnderFire(stage, one, linkPoint(place, random))
        diedLinking += died
        repeated += scans
        watch.reach('linked', place + 1)
      }
      if (linkKills === 0) await gateway.start()
      const first = owned.slice(0, Math.max(1, linkKills))
      if (linkKills === 0 && owned[0]) await link(stage, owned[0].id, owned[0].phone)
      await gateway.allOpen(first.map(({ id }) => id), OPEN_MS)
      const linkedFirst = linksOf(await simulator.manifest())
      const diedRefilling = await killRefills(stage, first, refillKills, random)
      const histories = await killHistories(stage, first, historyKills, random)
      await gateway.kill()
      await gateway.start()
      for (const [place, { id, phone }] of owned.entries()) {
        if (place >= first.length) await link(stage, id, phone)
        watch.reach('linked', place + 1)
      }
      await gateway.allOpen(ids, OPEN_MS)
      const linked = linksOf(await simulator.manifest())

      const openMs: number[] = []
      for (let kill = 0; kill < kills; kill += 1) {
        await gateway.kill()
        await gateway.start()
        await gateway.allOpen(ids, OPEN_MS)
        openMs.push(Date.now() - gateway.spawnedAt())
        watch.count('killed')
      }
      openMs.sort((a, b) => a - b)
      const p95 = openMs[Math.max(0, Math.ceil(openMs.length * 0.95) - 1)] ?? 0
      const deaf = await deafToSettings(stage, owned, CONTACT)
      const silent = await unheard(stage, owned, CONTACT)
      const now = new Set(linksOf(await simulator.manifest()))
      const lost = [...new Set([...linkedFirst, ...linked])].filter((one) => !now.has(one)).length
      const orphans = await orphanedPreKeys(stage, owned)
      const tally = await simulator.tally()
      const told = (name: string, found: string): Row => ({ part: 'sessions', name, goal: 'told', found, good: true })
      const none = (name: string, found: readonly unknown[]): Row => ({ part: 'sessions', name, goal: '0', found: found.length === 0 ? '0' : `${found.length}: ${found.slice(0, 4).map((one) => JSON.stringify(one)).join(' | ')}`, good: found.length === 0 })
      return [
        { part: 'sessions', name: `seed ${seed}: open again after ${kills} kills, ${sessions} sessions, from spawn, p95`, goal: `<= ${GOAL_MS} ms`, found: `${p95} ms (worst ${openMs.at(-1) ?? 0})`, good: p95 <= GOAL_MS },
        { part: 'sessions', name: 'links lost or made again by a kill', goal: '0', found: String(lost + Math.max(0, now.size - sessions)), good: lost === 0 && now.size === sessions },
        { part: 'sessions', name: `pre-key ids used twice, of ${tally.preKeys}`, goal: '0', found: String(tally.reusedPreKeys), good: tally.reusedPreKeys === 0 },
        none('pre-keys at the server whose private half is not stored', orphans),
        none('sessions that lost the settings key', deaf),
        none('histories lost', histories.lost),
        none('messages lost, one each way for each session', silent),
        none('undecryptable at the peers', tally.undecryptable),
        { part: 'sessions', name: 'copies asked for again', goal: '0', found: String(tally.retries.length), good: tally.retries.length === 0 },
        told(`killed while linking: ${linkKills}; died at the chosen point / begun again`, `${diedLinking} / ${repeated}`),
        told(`killed at a refill of pre-keys: ${refillKills}; died at the chosen point`, String(diedRefilling)),
        told(`killed at a notice of history: ${historyKills}; died at the chosen point`, String(histories.died)),
      ]
    } finally {
      watch.stop()
    }
  })
}

/** Links die in turn anywhere, soon after the first pre-keys, and soon after the key share. */
function linkPoint(place: number, random: Random): string {
  const mark = ([undefined, 'prekey', 'peer'] as const)[place % 3]
  return crashPoint(random, mark === undefined ? MOST_OF_A_LINK : MOST_AFTER_A_MARK, mark)
}

/** Links one session while the gateway dies at a chosen point; answers whether it did, and how often its owner had to scan again. */
async function linkUnderFire(stage: Stage, { id, phone }: Owned, point: string): Promise<{ readonly died: number; readonly scans: number }> {
  const { gateway } = stage
  await gateway.stop()
  await gateway.start({ FAULTS_CRASH: point }).catch(() => gateway.kill())
  const firstTry = link(stage, id, phone).catch(() => undefined)
  // Where it is to die after the link was opened, it does so soon.
  await Promise.race([gateway.gone(LINKED_MS), firstTry.then(() => gateway.allOpen([id], LINKED_MS)).then(() => gateway.gone(DIES_MS), () => undefined)])
  const died = gateway.isGone() ? 1 : 0
  await gateway.kill()
  await gateway.start()
  for (let scans = 0; ; scans += 1) {
    const state = await until(async () => {
      const { status, body } = await gateway.call('GET', `/sessions/${id}`)
      const value = status === 404 ? 'absent' : String(body['state'])
      return { value, done: SETTLED.has(value) }
    }, LINKED_MS, 50)
    if (state === 'open') return { died, scans }
    if (scans >= MOST_SCANS) throw new Error(`after ${scans} scans ${id} is ${state}`)
    // The phone never finished: its owner scans again.
    await link(stage, id, phone).catch(() => undefined)
  }
}
