import { availableParallelism } from 'node:os'
import { median, type Figure, type Measure } from '../figure.ts'
import { acquaint } from './acquaint.ts'
import { LOAD_CORE, onCore } from './cores.ts'
import { probed, type ProbeReport } from './probed.ts'
import { startCostSimulator, type CostSimulator, type Span } from './simulator.ts'
import { startCostGateway, startCostRaw, type CostSubject } from './subjects.ts'

const ACCOUNT = '34655000001'
const CONTACTS = Array.from({ length: 15 }, (_, place) => String(34_655_000_100 + place))
// For a short look: COST_ROUNDS=2 COST_ONLY=raw,gateway. While others work on the machine, only the CPU of a message says something.
/** All subjects take turns in each round, which is over before a shared machine has become another one. */
const ROUNDS = Number(process.env['COST_ROUNDS'] ?? 9)
const MESSAGES = Number(process.env['COST_MESSAGES'] ?? 1000)
const ONLY = process.env['COST_ONLY']?.split(',')
/** Not measured: the programs are compiled while they run. */
const WARM_UP = 2000
/** What raw Baileys is fastest with, and what keeps the gateway busy. */
const RAW_IN_FLIGHT = 4
const CONNECTIONS = 48
/** Messages that WhatsApp sends ahead of their receipts. */
const AHEAD = 64
const SLOW_COMMIT_MS = 10

const RATE = 0.75
const SLOW_RATE = 0.5
const LATE_MS = 30
/** Above this the simulator and not the subject may be what limits. */
const LOAD_SHARE = 0.8

/** One phase of one subject. */
interface Phase {
  readonly perSecond: number
  readonly cpuMsPerMessage: number
  readonly lateP50Ms: number
  readonly lateP99Ms: number
  /** The part of a core that the simulator used, and the load with it. */
  readonly simulatorShare: number
  readonly loadShare: number
}

interface Run {
  readonly send: Phase
  readonly inbound: Phase
}

/** A subject that is linked, knows its contacts and is warm. */
interface Opponent {
  readonly name: string
  /** One of both phases. */
  turn(): Promise<Run>
  stop(): Promise<void>
}

const SUBJECTS: Readonly<Record<string, { readonly inFlight: number; start(simulator: CostSimulator): Promise<CostSubject> }>> = {
  raw: { inFlight: RAW_IN_FLIGHT, start: (simulator) => startCostRaw(simulator) },
  gateway: { inFlight: CONNECTIONS, start: (simulator) => startCostGateway(simulator) },
  slow: { inFlight: CONNECTIONS, start: (simulator) => startCostGateway(simulator, { commitMs: SLOW_COMMIT_MS }) },
}

function toPhase(count: number, span: Span, report: ProbeReport, loadMs: number): Phase {
  if (span.retries > 0) throw new Error(`${span.retries} messages could not be read`)
  const { perSecond, elapsedMs, cpuMs } = span
  const { lateP50Ms, lateP99Ms } = report
  return { perSecond, cpuMsPerMessage: report.cpuMs / count, lateP50Ms, lateP99Ms, simulatorShare: cpuMs / elapsedMs, loadShare: (cpuMs + loadMs) / elapsedMs }
}

async function measured(subject: CostSubject, count: number, work: () => Promise<Span>): Promise<Phase> {
  const own = process.cpuUsage()
  const { result, report } = await probed(subject.program, work)
  const { user, system } = process.cpuUsage(own)
  return toPhase(count, result, report, (user + system) / 1000)
}

async function ready(name: string): Promise<Opponent> {
  const found = SUBJECTS[name]
  if (!found) throw new Error(`there is no subject ${name}`)
  const simulator = await startCostSimulator()
  for (const [place, phone] of CONTACTS.entries()) await simulator.addContact({ phone, name: `Contact ${place}`, addressing: place % 2 === 0 ? 'lid' : 'pn', autoReceipts: 'delivered' })
  const subject = await found.start(simulator)
  await subject.link(ACCOUNT)
  await acquaint(subject, simulator, ACCOUNT, CONTACTS)

  const send = async (count: number): Promise<Span> => {
    const counted = simulator.countSends({ account: ACCOUNT, count })
    await subject.send(CONTACTS, count, found.inFlight)
    return await counted
  }
  const receive = async (count: number): Promise<() => Promise<Span>> => {
    const prepared = await simulator.prepare({ account: ACCOUNT, contacts: CONTACTS, groups: [], count })
    if (prepared !== count) throw new Error(`${prepared} messages were prepared instead of ${count}`)
    return () => simulator.replay(AHEAD)
  }
  await send(WARM_UP)
  await (await receive(WARM_UP))()
  return {
    name,
    async turn() {
      const sent = await measured(subject, MESSAGES, () => send(MESSAGES))
      const replay = await receive(MESSAGES)
      return { send: sent, inbound: await measured(subject, MESSAGES, replay) }
    },
    async stop() {
      await subject.program.stop()
      const unknown = await simulator.unknown()
      await simulator.stop()
      if (unknown > 0) throw new Error(`the simulator did not know ${unknown} stanzas of ${name}`)
    },
  }
}

const words = ({ perSecond, cpuMsPerMessage, lateP50Ms, lateP99Ms, simulatorShare, loadShare }: Phase): string =>
  `${perSecond.toFixed(0)}/s, ${cpuMsPerMessage.toFixed(2)} ms CPU each, loop late p50 ${lateP50Ms.toFixed(1)} p99 ${lateP99Ms.toFixed(1)} ms, simulator ${(simulatorShare * 100).toFixed(0)} %, with the load ${(loadShare * 100).toFixed(0)} % of a core`

/** What the gateway costs beside raw Baileys: each has one core, the simulator and the load share the other. */
export const cost: Measure = async (say) => {
  if (availableParallelism() < 2) throw new Error('the cost needs two cores: one for the subject, one for the simulator and the load')
  const runs = new Map<string, Run[]>()
  await onCore(LOAD_CORE, async () => {
    const opponents: Opponent[] = []
    for (const name of ONLY ?? Object.keys(SUBJECTS)) opponents.push(await ready(name))
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { name, turn } of opponents) {
        const run = await turn()
        runs.set(name, [...(runs.get(name) ?? []), run])
        for (const [phase, told] of Object.entries(run)) say(`${name}, ${phase}: ${words(told as Phase)}`)
      }
    }
    for (const { stop } of opponents) await stop()
  })
  const figures: Figure[] = []
  for (const phase of ['send', 'inbound'] as const) {
    const of = (name: string, pick: (told: Phase) => number): number => median((runs.get(name) ?? []).map((run) => pick(run[phase])))
    const rate = (name: string): number => of(name, ({ perSecond }) => perSecond)
    const cpu = (name: string): string => of(name, ({ cpuMsPerMessage }) => cpuMsPerMessage).toFixed(2)
    const what = { send: 'texts sent per second', inbound: 'messages received per second' }[phase]
    for (const [name, limit, note] of [['gateway', RATE, ''], ['slow', SLOW_RATE, `, ${SLOW_COMMIT_MS} ms a commit`]] as const) {
      if (!runs.has(name) || !runs.has('raw')) continue
      const value = rate(name) / rate('raw')
      figures.push({ name: `${what}${note}`, goal: `>= ${limit}x raw`, measured: `${value.toFixed(2)}x (${rate(name).toFixed(0)}/s, ${cpu(name)} ms CPU each; raw ${rate('raw').toFixed(0)}/s, ${cpu('raw')} ms)`, value, limit, isFloor: true })
    }
    if (!runs.has('gateway')) continue
    const late = of('gateway', ({ lateP99Ms }) => lateP99Ms)
    figures.push({ name: `event loop late meanwhile, p99`, goal: `< ${LATE_MS} ms`, measured: `${late.toFixed(1)} ms (raw ${of('raw', ({ lateP99Ms }) => lateP99Ms).toFixed(1)} ms)`, value: late, limit: LATE_MS })
    const share = Math.max(...[...runs.values()].flat().map((run) => run[phase].simulatorShare))
    figures.push({ name: `the simulator's part of its core`, goal: `< ${LOAD_SHARE * 100} %, else not valid`, measured: `${(share * 100).toFixed(0)} %`, value: share, limit: LOAD_SHARE })
  }
  return figures
}
