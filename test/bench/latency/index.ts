import { openEvents } from '../../support/event-source.ts'
import { acquaint } from '../cost/acquaint.ts'
import { probed } from '../cost/probed.ts'
import { startCostSimulator, type Handed } from '../cost/simulator.ts'
import { SESSION, startCostGateway, startCostRaw } from '../cost/subjects.ts'
import type { Figure, Measure } from '../figure.ts'
import { KEY } from '../gateway.ts'
import { monotonicMs, poll } from '../process.ts'
import { percentile } from './percentile.ts'
import { startReceiver } from './receiver.ts'

const OURS = '34656000001'
const RAW = '34656000002'
const CONTACTS = Array.from({ length: 12 }, (_, place) => String(34_656_000_100 + place))
const GROUPS = 3
// For a short look: LATENCY_MESSAGES=300. What the goal is set for is 50 a second; LATENCY_PER_SECOND=10 tells the way apart from the crowd.
const PER_SECOND = Number(process.env['LATENCY_PER_SECOND'] ?? 50)
/** Not measured: the programs are compiled while they run. */
const WARM_UP = 300
const MESSAGES = Number(process.env['LATENCY_MESSAGES'] ?? 1500)
/** More than raw Baileys takes to emit the message. */
const LIMITS_MS = [[50, 15], [99, 60]] as const

/** When each message was heard of first, by its id. */
type Arrivals = Map<string, number>

interface ToldEvent {
  readonly type: string
  readonly data: { readonly message?: { readonly id: string } }
}

/** Notes the message of an event, if it tells of a new one. */
function note(arrivals: Arrivals, body: string, atMs: number): void {
  const { type, data } = JSON.parse(body) as ToldEvent
  if (type === 'message.received' && data.message && !arrivals.has(data.message.id)) arrivals.set(data.message.id, atMs)
}

/** How long each of these took; throws for one that never came. */
function delays(what: string, handed: readonly Handed[], arrivals: ReadonlyMap<string, number>): readonly number[] {
  return handed.map(({ id, atMs }) => {
    const arrivedMs = arrivals.get(id)
    if (arrivedMs === undefined) throw new Error(`${what} never told of a message`)
    return arrivedMs - atMs
  })
}

/** How much later than raw Baileys' own event a message is at a webhook and on a stream, both in one run at the same pace. */
export const latency: Measure = async (say) => {
  const simulator = await startCostSimulator()
  for (const [place, phone] of CONTACTS.entries()) await simulator.addContact({ phone, name: `Contact ${place}`, addressing: place % 2 === 0 ? 'lid' : 'pn', autoReceipts: 'delivered' })
  const gateway = await startCostGateway(simulator, { core: null })
  const raw = await startCostRaw(simulator, { core: null })
  await gateway.link(OURS)
  await raw.link(RAW)
  await acquaint(gateway, simulator, OURS, CONTACTS)
  await acquaint(raw, simulator, RAW, CONTACTS)
  const groups: string[] = []
  for (let place = 0; place < GROUPS; place += 1) groups.push((await simulator.createGroup({ subject: `Circle ${place}`, participants: [...CONTACTS, OURS, RAW] })).id)

  const posted: Arrivals = new Map()
  const streamed: Arrivals = new Map()
  const receiver = await startReceiver((body, atMs) => note(posted, body, atMs))
  await gateway.api.post('/webhooks', { url: receiver.url })
  const stream = openEvents(`${gateway.url}/sessions/${SESSION}/events?after=latest`, { headers: { 'x-api-key': KEY }, heard: ({ data }) => note(streamed, data, monotonicMs()) })
  await stream.opened
  raw.watch()

  const paced = async (count: number): Promise<readonly Handed[]> => {
    const handed = await simulator.pace({ accounts: [OURS, RAW], contacts: CONTACTS, groups, count, perSecond: PER_SECOND })
    const ours = handed.filter(({ account }) => account === OURS)
    await poll('the last message', async () => (ours.every(({ id }) => posted.has(id) && streamed.has(id)) ? true : null), 100)
    return handed
  }
  await paced(WARM_UP)
  say(`${MESSAGES} messages to each of two accounts, ${PER_SECOND} a second`)
  const { result: { result: handed, report }, report: rawReport } = await probed(raw.program, () => probed(gateway.program, () => paced(MESSAGES)))
  say(`CPU a message: gateway ${(report.cpuMs / MESSAGES).toFixed(2)} ms, raw ${(rawReport.cpuMs / MESSAGES).toFixed(2)} ms; event loop late p99: gateway ${report.lateP99Ms.toFixed(1)} ms, raw ${rawReport.lateP99Ms.toFixed(1)} ms`)
  const ofOurs = handed.filter(({ account }) => account === OURS)
  const ofRaw = handed.filter(({ account }) => account === RAW)
  const emitted = await poll('the last message of raw Baileys', async () => {
    const seen = new Map((await raw.seen()).toReversed())
    return ofRaw.every(({ id }) => seen.has(id)) ? seen : null
  }, 100)

  stream.cut()
  await raw.program.stop()
  await gateway.program.stop()
  await receiver.close()
  const unknown = await simulator.unknown()
  await simulator.stop()
  if (unknown > 0) throw new Error(`the simulator did not know ${unknown} stanzas`)

  const baseline = delays('raw Baileys', ofRaw, emitted)
  const ways = [['webhook', delays('the webhook', ofOurs, posted)], ['stream', delays('the stream', ofOurs, streamed)]] as const
  return ways.flatMap(([way, times]) => LIMITS_MS.map(([percent, limit]): Figure => {
    const [ours, theirs] = [percentile(times, percent), percentile(baseline, percent)]
    const value = ours - theirs
    return { name: `a message at a ${way}, p${percent}`, goal: `<= ${limit} ms more than raw`, measured: `${value.toFixed(1)} ms more (${ours.toFixed(1)} ms, raw ${theirs.toFixed(1)} ms)`, value, limit }
  }))
}
