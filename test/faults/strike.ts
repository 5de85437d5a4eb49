import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { armedFile, GRACE_MS, heldFile, holdFile, KEEP_ALIVE_MS, type Mark } from './faults-env.ts'
import type { Swallow } from './proxy.ts'
import type { Random } from './random.ts'
import { type Stage } from './stage.ts'
import { identitiesOf, lostBaseKeys, signalSessionsOf, type SignalSessions } from './store/device.ts'
import { until } from './until.ts'

/** How often each harm is done. */
export interface Blows {
  readonly kills: number
  readonly resets: number
  /** Resets between a decrypt and its receipt, besides the others. */
  readonly timedResets: number
  /** Links that fall silent in both directions, which the gateway must notice by itself. */
  readonly halfOpen: number
  /** SIGSTOPs; every other one lasts longer than the keep-alive allows. */
  readonly stops: number
  /** Failures of the store, of each kind. */
  readonly storeFaults: number
}

/** What the blows came to. */
export interface Struck {
  /** The ids of sends that were handed to a socket and had no ack, for each fault that hit any. */
  readonly openAtFaults: readonly (readonly string[])[]
  /** From the end of each failure of the store until all sessions were open. */
  readonly recoveriesMs: readonly number[]
  /** How often each failure of the store was felt, by its name. */
  readonly felt: Readonly<Record<string, number>>
  /** Resets that fell after a decrypt and before its receipt. */
  readonly timed: number
  /** Silent links that the gateway never let go. */
  readonly unnoticed: readonly string[]
  /** Signal sessions that were replaced without a trace of what was before. */
  readonly resetSessions: readonly string[]
  /** Sessions under another identity than at the start. */
  readonly newIdentities: readonly string[]
  /** Each blow and when it fell. */
  readonly struckAt: readonly StruckAt[]
}

/** A blow, and when it fell in Unix milliseconds. */
export interface StruckAt {
  readonly blow: string
  readonly at: number
}

/** A failure of the store by its name. */
interface StoreFault {
  readonly fault: string
}

type Blow = 'kill' | 'reset' | 'timed' | 'half-open' | 'short stop' | 'long stop' | StoreFault

const LEAST_LIFE_MS = 300
const MOST_LIFE_MS = 1400
const MOST_HOLD_MS = 400
/** A failure of the store lasts so many times longer than a silence on the wire. */
const STORE_HOLD = 4
const MOST_SHORT_STOP_MS = 1000
const OPEN_MS = 90_000
const FELT_MS = 15_000
const HELD_MS = 30_000
const SOON_MS = 20
const SWALLOWS: readonly Swallow[] = ['nothing', 'from the gateway', 'to the gateway']
/** The last commit or frame of a life that is chosen to be its end. */
const MOST_PASSED = 60

/** Where a gateway dies by itself: at a commit or at a frame, before or after it; or so many of them after a mark. */
export const crashPoint = (random: Random, most = MOST_PASSED, mark?: Mark): string =>
  `${mark === undefined ? '' : `${mark}/`}${random.pick(['commit', 'frame'])}:${random.pick(['before', 'after'])}:${random.whole(mark === undefined ? 3 : 1, most)}`

const nameOf = (blow: Blow): string => (typeof blow === 'string' ? blow : blow.fault)
const many = <T>(count: number, blow: T): T[] => Array<T>(count).fill(blow)

/** How many blows there are in all, where the store fails in so many ways. */
export const blowCount = ({ kills, resets, timedResets, halfOpen, stops, storeFaults }: Blows, ways: number): number => kills + resets + timedResets + halfOpen + stops + storeFaults * ways

/** Harms the gateway and its links, in an order that the seed chose. `onSlot` lets the next piece of the load go. */
export async function strike(blows: Blows, { gateway, proxy, simulator, dataDir, store }: Stage, ids: readonly string[], random: Random, keepAliveMs: number, onSlot: (place: number) => void): Promise<Struck> {
  const { kills, resets, timedResets, halfOpen, stops, storeFaults } = blows
  const order = shuffled<Blow>([
    ...many<Blow>(kills, 'kill'), ...many<Blow>(resets, 'reset'), ...many<Blow>(timedResets, 'timed'), ...many<Blow>(halfOpen, 'half-open'),
    ...many<Blow>(Math.ceil(stops / 2), 'short stop'), ...many<Blow>(Math.floor(stops / 2), 'long stop'), ...store.faults.flatMap((fault) => many<Blow>(storeFaults, { fault })),
  ], random)
  const limitMs = keepAliveMs * (1 + GRACE_MS / KEEP_ALIVE_MS)
  const openAtFaults: string[][] = []
  const recoveriesMs: number[] = []
  const felt = new Map(store.faults.map((fault) => [fault, 0]))
  const unnoticed: string[] = []
  const resetSessions: string[] = []
  const struckAt: StruckAt[] = []
  const identities = await identitiesOf(store)
  let sessions: SignalSessions = new Map()
  let timed = 0
  let isDoomed = false

  const note = async (which: 'sending' | 'waiting' = 'sending'): Promise<void> => {
    const open = (await store.openSends())?.[which] ?? []
    if (open.length > 0) openAtFaults.push([...open])
  }
  /** Compares the Signal sessions with those of the last look. */
  const lookAtSessions = async (): Promise<void> => {
    const now = await signalSessionsOf(store)
    resetSessions.push(...lostBaseKeys(sessions, now))
    sessions = now
  }

  async function kill(next: Blow | undefined, swallow: Swallow, holdMs: number): Promise<void> {
    // Half of the kills by time come while the gateway already speaks to nobody.
    if (!isDoomed && random.chance(0.5)) await proxy.reset(swallow, holdMs)
    await gateway.kill()
    await note()
    isDoomed = next === 'kill' && random.chance(0.5)
    await gateway.start(isDoomed ? { FAULTS_CRASH: crashPoint(random) } : {}).catch(async () => {
      // It may die before it listens.
      await gateway.kill()
      await gateway.start()
    })
  }

  async function reset(swallow: Swallow, holdMs: number): Promise<void> {
    await until(() => ({ value: null, done: proxy.open() > 0 }), OPEN_MS, SOON_MS)
    await proxy.reset(swallow, holdMs)
    await note()
  }

  async function timedReset(place: number): Promise<void> {
    const hold = holdFile(dataDir)
    writeFileSync(armedFile(hold), '')
    onSlot(place)
    const isHeld = await until(() => ({ value: existsSync(heldFile(hold)), done: existsSync(heldFile(hold)) }), HELD_MS, 2)
    const waits = isHeld && (await simulator.waits(readFileSync(heldFile(hold), 'utf8')))
    const hit = await proxy.reset('nothing', 0)
    if (waits && hit > 0) timed += 1
    await note()
    for (const file of [armedFile(hold), heldFile(hold)]) rmSync(file, { force: true })
  }

  async function fallSilent(): Promise<void> {
    await gateway.allOpen(ids, OPEN_MS)
    proxy.silence()
    await delay(SOON_MS)
    await note()
    const left = await until(() => ({ value: proxy.silent(), done: proxy.silent() === 0 }), keepAliveMs + 2 * limitMs + OPEN_MS / 3)
    if (left > 0) unnoticed.push(`${left} links`)
  }

  async function pause(forMs: number): Promise<void> {
    const pid = gateway.pid()
    process.kill(pid, 'SIGSTOP')
    await delay(forMs)
    await note()
    process.kill(pid, 'SIGCONT')
    await delay(SOON_MS)
    await note()
  }

  async function failStore({ fault }: StoreFault, holdMs: number, place: number): Promise<void> {
    await lookAtSessions()
    await store.fail(fault, gateway, ids)
    onSlot(place)
    const look = async (): Promise<{ value: boolean; done: boolean }> => {
      const isFelt = await store.isFelt(gateway, ids)
      return { value: isFelt, done: isFelt }
    }
    if (await until(look, FELT_MS, SOON_MS)) felt.set(fault, (felt.get(fault) ?? 0) + 1)
    await delay(holdMs * STORE_HOLD)
    // How far each send had come could not be stored meanwhile; a store that was down can be asked only now.
    await note('waiting')
    await store.heal()
    await note('waiting')
    const from = Date.now()
    await gateway.allOpen(ids, OPEN_MS)
    recoveriesMs.push(Date.now() - from)
  }

  for (const [place, blow] of order.entries()) {
    const isLate = typeof blow !== 'string' || blow === 'timed'
    if (!isLate) onSlot(place)
    const lifeMs = random.whole(LEAST_LIFE_MS, MOST_LIFE_MS)
    await (isDoomed ? gateway.gone(MOST_LIFE_MS + lifeMs) : delay(lifeMs))
    const swallow = random.pick(SWALLOWS)
    const holdMs = random.whole(SOON_MS, MOST_HOLD_MS)
    if (process.env['FAULTS_LOG_LEVEL'] !== undefined) process.stderr.write(`  ${new Date().toISOString()} ${nameOf(blow)}${isDoomed ? ' (by itself)' : ''}\n`)
    struckAt.push({ blow: isDoomed ? 'kill by itself' : nameOf(blow), at: Date.now() })
    if (blow === 'kill') await kill(order[place + 1], swallow, holdMs)
    else if (blow === 'reset') await reset(swallow, holdMs)
    else if (blow === 'timed') await timedReset(place)
    else if (blow === 'half-open') await fallSilent()
    else if (blow === 'short stop') await pause(random.whole(SOON_MS, Math.min(MOST_SHORT_STOP_MS, limitMs / 2)))
    else if (blow === 'long stop') await pause(limitMs + random.whole(SOON_MS, MOST_SHORT_STOP_MS))
    else await failStore(blow, holdMs, place)
  }
  onSlot(order.length)
  await lookAtSessions()
  const newIdentities = [...(await identitiesOf(store))].flatMap(([id, identity]) => (identities.get(id) === identity ? [] : [id]))
  return { openAtFaults, recoveriesMs, felt: Object.fromEntries(felt), timed, unnoticed, resetSessions, newIdentities, struckAt }
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const rest = [...list]
  const mixed: T[] = []
  while (rest.length > 0) mixed.push(...rest.splice(random.whole(0, rest.length - 1), 1))
  return mixed
}
