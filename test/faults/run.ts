import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { check, linksOf, type Evidence, type Figures } from './checker.ts'
import { startFront } from './front.ts'
import { mortalGateway, type Mortal } from './gateway.ts'
import { speak } from './inbound-load.ts'
import { post, postAtOnce, replay, type Sends } from './outbound-load.ts'
import { pace } from './pace.ts'
import { startProxy, type FaultProxy, type Swallow } from './proxy.ts'
import { seeded, type Random } from './random.ts'
import { openSends, readRecord } from './record.ts'
import { startFarSimulator, type FarSimulator } from './simulator.ts'
import { phoneOf, settleTown } from './town.ts'

/** The size of a run; the seed makes its choices. */
export interface RunSize {
  readonly seed: number
  readonly sessions: number
  readonly contacts: number
  readonly messages: number
  readonly sends: number
  readonly kills: number
  readonly resets: number
  /** Posts of one key at the same moment, when all is over. */
  readonly atOnce?: number | undefined
  /** How often the disk fails for a moment. */
  readonly storeFaults?: number | undefined
  /** How long each commit of the gateway takes at least. */
  readonly commitMs?: number | undefined
  /** The compiled module to run in place of our gateway. */
  readonly program?: string | undefined
  /** Where to keep the gateway's folder; a temporary one otherwise. */
  readonly dataDir?: string | undefined
}

/** What a run came to. */
export interface RunResult extends Figures {
  readonly seed: number
  readonly kills: number
  readonly resets: number
  readonly seconds: number
}

const OPEN_MS = 90_000
const DRAIN_MS = 120_000
const ARRIVE_MS = 10_000
const LEAST_LIFE_MS = 500
const MOST_LIFE_MS = 2000
const MOST_HOLD_MS = 400
const SWALLOWS: readonly Swallow[] = ['nothing', 'from the gateway', 'to the gateway']
const STORE_FAULTS = ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_READ reads', 'SQLITE_FULL once'] as const
/** A failure of the disk lasts so many times longer than a silence on the wire. */
const STORE_HOLD = 4
const MAX_REPLAYS = 50
/** The last commit or frame of a life that is chosen to be its end. */
const MOST_PASSED = 60

/** One gateway, one simulator, a proxy between them: load and faults at once, then the account of both. */
export async function run(size: RunSize): Promise<RunResult> {
  const began = Date.now()
  const evidence = await withStage({ dataDir: size.dataDir, program: size.program, env: (dataDir) => faultEnv(size, dataDir) }, (stage) => play(size, stage))
  return { ...check(evidence), seed: size.seed, kills: size.kills, resets: size.resets, seconds: Math.round((Date.now() - began) / 1000) }
}

/** Sets up a gateway that is not started yet, its simulator and the proxy between them, and clears everything away in the end. */
export async function withStage<T>({ dataDir: kept, program, env }: { readonly dataDir?: string | undefined; readonly program?: string | undefined; readonly env?: (dataDir: string) => Record<string, string> }, work: (stage: Stage) => Promise<T>): Promise<T> {
  const dataDir = kept ?? mkdtempSync(join(tmpdir(), 'puente-faults-'))
  const simulator = await startFarSimulator()
  const proxy = await startProxy(simulator.started.wsUrl)
  const front = await startFront({ ...simulator.started, wsUrl: proxy.wsUrl })
  const gateway = mortalGateway({ dataDir, sandbox: front.url, program, env: env?.(dataDir) ?? {} })
  try {
    return await work({ dataDir, simulator, proxy, gateway })
  } finally {
    await gateway.kill()
    simulator.stop()
    await proxy.close()
    await front.close()
    if (kept === undefined) rmSync(dataDir, { recursive: true, force: true })
  }
}

const faultFile = (dataDir: string): string => join(dataDir, 'fault')
const faultEnv = ({ commitMs, storeFaults }: RunSize, dataDir: string): Record<string, string> => ({
  ...(commitMs === undefined ? {} : { FAULTS_COMMIT_MS: String(commitMs) }),
  ...(storeFaults === undefined ? {} : { FAULTS_STORE_FILE: faultFile(dataDir) }),
})

/** Where a part plays. */
export interface Stage {
  readonly dataDir: string
  readonly simulator: FarSimulator
  readonly proxy: FaultProxy
  readonly gateway: Mortal
}

async function play(size: RunSize, stage: Stage): Promise<Evidence> {
  const { dataDir, simulator, gateway } = stage
  const ids = Array.from({ length: size.sessions }, (_, place) => `session-${place}`)
  await gateway.start()
  for (const [place, id] of ids.entries()) await link(stage, id, phoneOf(place))
  await gateway.allOpen(ids, OPEN_MS)
  const town = await settleTown(simulator, ids, size.contacts)
  const linked = linksOf(await simulator.manifest())

  const paces = { inbound: pace(), outbound: pace() }
  const loads = Promise.all([
    speak(simulator, town, size.messages, seeded(size.seed, 'inbound'), paces.inbound),
    post(gateway, town, size.sends, size.seed, paces.outbound),
  ])
  const slots = size.kills + size.resets + (size.storeFaults ?? 0) + 1
  const struck = await strike(size, stage, ids, seeded(size.seed, 'faults'), () => {
    paces.inbound.allow(Math.ceil(size.messages / slots))
    paces.outbound.allow(Math.ceil(size.sends / slots))
  })
  paces.inbound.allowAll()
  paces.outbound.allowAll()
  const [expected, { sent, refused }] = await loads

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
  return { town, expected, sends, gateway: readRecord(dataDir), mailboxes, manifest: await simulator.manifest(), tally: await simulator.tally(), linked, ...struck, renamed }
}

/** Links a session by its QR code. */
export async function link({ gateway, simulator }: Pick<Stage, 'gateway' | 'simulator'>, id: string, phone: string): Promise<void> {
  await gateway.call('POST', `/sessions/${id}?wait=25`)
  const { body } = await gateway.call('GET', `/sessions/${id}/qr?wait=25`)
  await simulator.scan(String(body['qr']), { phone, name: `Owner of ${id}` })
}

/** Harms the gateway and its links, in an order that the seed chose; answers how many sends were open at the faults, and how long each failure of the disk had its effect. */
async function strike({ kills, resets, storeFaults = 0 }: RunSize, { gateway, proxy, dataDir }: Stage, ids: readonly string[], random: Random, onSlot: () => void): Promise<Pick<Evidence, 'openAtFaults' | 'recoveriesMs'>> {
  const faults = shuffled([...Array<'kill'>(kills).fill('kill'), ...Array<'reset'>(resets).fill('reset'), ...Array<'store'>(storeFaults).fill('store')], random)
  const recoveriesMs: number[] = []
  let open = 0
  let isDoomed = false
  onSlot()
  for (const [place, fault] of faults.entries()) {
    const lifeMs = random.whole(LEAST_LIFE_MS, MOST_LIFE_MS)
    await (isDoomed ? gateway.gone(MOST_LIFE_MS + lifeMs) : delay(lifeMs))
    const swallow = random.pick(SWALLOWS)
    const holdMs = random.whole(20, MOST_HOLD_MS)
    // Half of the kills by time come while the gateway already speaks to nobody.
    if (fault === 'store') {
      writeFileSync(faultFile(dataDir), random.pick(STORE_FAULTS))
      await delay(holdMs * STORE_HOLD)
      // How far each send had come could not be stored meanwhile.
      open += openSends(dataDir)?.waiting ?? 0
      rmSync(faultFile(dataDir), { force: true })
      const from = Date.now()
      await gateway.allOpen(ids, OPEN_MS)
      recoveriesMs.push(Date.now() - from)
    } else if (fault === 'reset' || (!isDoomed && random.chance(0.5))) await proxy.reset(swallow, holdMs)
    if (fault === 'kill') await gateway.kill()
    if (fault !== 'store') open += openSends(dataDir)?.sending ?? 0
    if (fault === 'kill') {
      isDoomed = faults[place + 1] === 'kill' && random.chance(0.5)
      await gateway.start(isDoomed ? { FAULTS_CRASH: crashPoint(random) } : {}).catch(async () => {
        // It may die before it listens.
        await gateway.kill()
        await gateway.start()
      })
    }
    onSlot()
  }
  return { openAtFaults: open, recoveriesMs }
}

/** Where a gateway dies by itself: at a commit or at a frame, before or after it. */
export const crashPoint = (random: Random, most = MOST_PASSED): string => `${random.pick(['commit', 'frame'])}:${random.pick(['before', 'after'])}:${random.whole(3, most)}`

/** Waits until nothing is on its way, in either direction. */
async function drain({ simulator, dataDir }: Stage): Promise<void> {
  await until(async () => {
    const { accounts } = await simulator.manifest()
    const waiting = accounts.flatMap(({ devices }) => devices).reduce((sum, { pending }) => sum + pending, 0)
    return { value: waiting, done: waiting === 0 && openSends(dataDir)?.waiting === 0 }
  }, DRAIN_MS)
}

async function namesChanged(gateway: Mortal, { sent }: Sends): Promise<string[]> {
  const changed: string[] = []
  for (const send of sent.slice(-MAX_REPLAYS)) {
    const id = await replay(gateway, send)
    if (id !== send.ids[0]) changed.push(`${send.text}: ${send.ids[0] ?? ''} then ${id ?? 'refused'}`)
  }
  return changed
}

/** Looks until it is done or the time is over, and answers the last look: the checker tells what is lacking. */
async function until<T>(look: () => Promise<{ value: T; done: boolean }>, withinMs: number): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const { value, done } = await look()
    if (done || Date.now() > deadline) return value
    await delay(100)
  }
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const rest = [...list]
  const mixed: T[] = []
  while (rest.length > 0) mixed.push(...rest.splice(random.whole(0, rest.length - 1), 1))
  return mixed
}
