import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { check, complaintsOf, linksOf, type Evidence, type Figures } from './checker.ts'
import { holdFile, KEEP_ALIVE_MS, storeFile, type FaultsEnv } from './faults-env.ts'
import { speak, type Mix } from './inbound-load.ts'
import { post, postAtOnce, replay, type Sends } from './outbound-load.ts'
import type { Mortal } from './gateway.ts'
import { pace } from './pace.ts'
import { seeded } from './random.ts'
import { link, withStage, type Stage, type StageOptions } from './stage.ts'
import { blowCount, strike, type Blows, type Struck } from './strike.ts'
import { phoneOf, settleTown } from './town.ts'
import { until } from './until.ts'
import { watchful } from './watchful.ts'

/** The size of a run; the seed makes its choices. What is left out of the harms is not done. */
export interface RunSize extends Partial<Omit<Blows, 'kills' | 'resets'>>, Pick<StageOptions<unknown>, 'store' | 'program' | 'dataDir'> {
  readonly seed: number
  readonly sessions: number
  readonly contacts: number
  readonly messages: number
  readonly sends: number
  readonly kills: number
  /** All resets, the timed ones among them. */
  readonly resets: number
  /** Posts of one key at the same moment, when all is over. */
  readonly atOnce?: number | undefined
  /** How long each commit of the gateway takes at least. */
  readonly commitMs?: number | undefined
  /** How often the gateway pings an open link; {@link KEEP_ALIVE_MS} is its own choice. */
  readonly keepAliveMs?: number | undefined
}

/** What a run came to. */
export interface RunResult extends Figures, Pick<Struck, 'felt' | 'timed'> {
  readonly seed: number
  readonly kills: number
  readonly resets: number
  readonly blows: Blows
  readonly mix: Mix
  readonly seconds: number
}

type Played = Omit<RunResult, 'seconds'>

const OPEN_MS = 90_000
/** How long nothing may arrive while something is on its way. */
const DRAIN_MS = 60_000
const ARRIVE_MS = 10_000
const SHORT_KEEP_ALIVE_MS = 3000
const MAX_REPLAYS = 50

/** One gateway, one simulator, a proxy between them: load and faults at once, then the account of both. */
export async function run(size: RunSize): Promise<RunResult> {
  const began = Date.now()
  const played = await withStage({ store: size.store, dataDir: size.dataDir, program: size.program, env: (dataDir) => envOf(size, dataDir), isBad: (found: Played) => complaintsOf(found).length > 0 }, (stage) => play(size, stage))
  return { ...played, seconds: Math.round((Date.now() - began) / 1000) }
}

const blowsOf = ({ kills, resets, timedResets = 0, halfOpen = 0, stops = 0, storeFaults = 0 }: RunSize): Blows => ({ kills, resets: Math.max(0, resets - timedResets), timedResets, halfOpen, stops, storeFaults })

const envOf = ({ commitMs, storeFaults = 0, timedResets = 0, keepAliveMs = SHORT_KEEP_ALIVE_MS }: RunSize, dataDir: string): FaultsEnv => ({
  ...(commitMs === undefined ? {} : { FAULTS_COMMIT_MS: String(commitMs) }),
  ...(storeFaults === 0 ? {} : { FAULTS_STORE_FILE: storeFile(dataDir) }),
  ...(timedResets === 0 ? {} : { FAULTS_HOLD_FILE: holdFile(dataDir) }),
  ...(keepAliveMs === KEEP_ALIVE_MS ? {} : { FAULTS_KEEP_ALIVE_MS: String(keepAliveMs) }),
})

/** What of a load belongs to a slot: no slot is left without, as long as there is enough for all. */
const shareOf = (load: number, place: number, slots: number): number => Math.floor(((place + 1) * load) / slots) - Math.floor((place * load) / slots)

async function play(size: RunSize, stage: Stage): Promise<Played> {
  const { dataDir, simulator, gateway, store } = stage
  const blows = blowsOf(size)
  const ids = Array.from({ length: size.sessions }, (_, place) => `session-${place}`)
  await gateway.start()
  for (const [place, id] of ids.entries()) await link(stage, id, phoneOf(place))
  await gateway.allOpen(ids, OPEN_MS)
  const town = await settleTown(simulator, ids, size.contacts)
  const linked = linksOf(await simulator.manifest())

  const paces = { inbound: pace(), outbound: pace() }
  const slots = blowCount(blows, store.faults.length) + 1
  const watch = watchful(`seed ${size.seed}`, { faults: slots - 1, said: size.messages, accepted: size.sends })
  try {
    const loads = Promise.all([
      speak(simulator, town, size.messages, seeded(size.seed, 'inbound'), paces.inbound, () => watch.count('said')),
      post(gateway, town, size.sends, size.seed, paces.outbound, () => watch.count('accepted')),
    ])
    const struck = await strike(blows, stage, ids, seeded(size.seed, 'faults'), size.keepAliveMs ?? SHORT_KEEP_ALIVE_MS, (place) => {
      watch.reach('faults', place)
      paces.inbound.allow(shareOf(size.messages, place, slots))
      paces.outbound.allow(shareOf(size.sends, place, slots))
    })
    paces.inbound.allowAll()
    paces.outbound.allowAll()
    const [{ expected, mix }, { sent, refused }] = await loads

    await gateway.allOpen(ids, OPEN_MS)
    const sends = { refused, sent: size.atOnce === undefined ? sent : [...sent, await postAtOnce(gateway, town, size.atOnce)] }
    await drain(stage)
    const renamed = await namesChanged(gateway, sends)
    await gateway.stop()
    const readers = [...town.contacts, ...town.sessions.keys()]
    const mailboxes = await until(async () => {
      const found = new Map(await Promise.all(readers.map(async (phone) => [phone, await simulator.messagesOf(phone)] as const)))
      const texts = new Set([...found.values()].flat().map(({ text }) => text))
      return { value: found, done: sends.sent.every(({ text }) => texts.has(text)) }
    }, ARRIVE_MS)
    const evidence: Evidence = { town, expected, sends, gateway: await store.record(), mailboxes, manifest: await simulator.manifest(), tally: await simulator.tally(), linked, ...struck, blows, renamed }
    const figures = check(evidence)
    if (complaintsOf(figures).length > 0) writeFileSync(join(dataDir, 'evidence.json'), JSON.stringify({ ...evidence, mailboxes: [...mailboxes], struckAt: struck.struckAt, gateway: null }, null, 1))
    return { ...figures, seed: size.seed, kills: size.kills, resets: size.resets, blows, mix, felt: struck.felt, timed: struck.timed }
  } finally {
    watch.stop()
  }
}

/** Waits until nothing is on its way, in either direction, or until it gets no less any more: a busy machine is slow and loses nothing. */
async function drain({ simulator, store }: Stage): Promise<void> {
  let least = Infinity
  for (let isLess = true; isLess && least > 0; ) {
    const waiting = await until(async () => {
      const { accounts } = await simulator.manifest()
      const inbound = accounts.flatMap(({ devices }) => devices).reduce((sum, { pending }) => sum + pending, 0)
      const value = inbound + ((await store.openSends())?.waiting.length ?? 1)
      return { value, done: value === 0 }
    }, DRAIN_MS)
    isLess = waiting < least
    least = Math.min(least, waiting)
  }
}

async function namesChanged(gateway: Mortal, { sent }: Sends): Promise<string[]> {
  const changed: string[] = []
  for (const send of sent.slice(-MAX_REPLAYS)) {
    const id = await replay(gateway, send)
    if (id !== send.ids[0]) changed.push(`${send.text}: ${send.ids[0] ?? ''} then ${id ?? 'refused'}`)
  }
  return changed
}
