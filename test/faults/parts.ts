import { complaintsOf } from './checker.ts'
import { clusterPart } from './cluster-part.ts'
import { ghostsPart } from './ghosts-part.ts'
import type { Row } from './row.ts'
import { run, type RunResult, type RunSize } from './run.ts'
import { sessionsPart } from './sessions-part.ts'
import { webhooksPart } from './webhooks-part.ts'

/** Sizes that a caller chose; what is left out has the part's full size. */
export type Sizes = Partial<Omit<RunSize, 'seed' | 'atOnce'>> & { readonly seed: number; readonly linkKills?: number; readonly refillKills?: number; readonly historyKills?: number; readonly ghosts?: number; readonly calls?: number; readonly events?: number; readonly endpointKills?: number; readonly rate?: number; readonly timeoutHaste?: number }

type Part = (sizes: Sizes) => Promise<readonly Row[]>

const TOWN = { sessions: 2, contacts: 6 }
const AT_ONCE = 100
/** The share of the resets that fall between a decrypt and its receipt, where nobody says how many. */
const TIMED_SHARE = 0.25

const lasting = async (part: string, full: Omit<RunSize, 'seed'>, sizes: Sizes): Promise<readonly Row[]> => {
  const resets = sizes.resets ?? full.resets
  // Only our own writer can be held.
  const timedResets = sizes.program === undefined ? Math.ceil(resets * TIMED_SHARE) : 0
  return rowsOf(part, await run({ ...full, timedResets, ...sizes }))
}

/** Every part at its full size. */
export const PARTS: Readonly<Record<'inbound' | 'outbound' | 'sessions' | 'store' | 'ghosts' | 'webhooks' | 'cluster', Part>> = {
  inbound: (sizes) => lasting('inbound', { ...TOWN, messages: 20_000, sends: 400, kills: 200, resets: 200, halfOpen: 10, stops: 20 }, sizes),
  outbound: (sizes) => lasting('outbound', { ...TOWN, messages: 1000, sends: 10_000, kills: 100, resets: 100, halfOpen: 6, stops: 12, atOnce: AT_ONCE }, sizes),
  sessions: ({ seed, store, sessions = 50, kills = 20, linkKills = 21, refillKills = 12, historyKills = 6 }) => sessionsPart({ seed, store, sessions, kills, linkKills: Math.min(linkKills, sessions), refillKills, historyKills }),
  store: (sizes) => lasting('store', { ...TOWN, messages: 3000, sends: 600, kills: 0, resets: 4, halfOpen: 2, stops: 2, storeFaults: 50 }, sizes),
  webhooks: ({ seed, sessions = 20, events = 100_000, kills = 20, endpointKills = 50, rate = 350, timeoutHaste = 500, dataDir }) =>
    webhooksPart({ seed, sessions, events, kills, endpointKills, rate, haste: 500, timeoutHaste, ...(dataDir === undefined ? {} : { dataDir }) }, { seed, good: 99, sessions: 4, rate: 4, seconds: 20 }),
  cluster: ({ seed, sessions = 30, calls = 10_000 }) => clusterPart({ seed, sessions, calls }),
  ghosts: ({ store, ghosts = 5 }) => ghostsPart({ store, ghosts, isPatient: true }),
}

function rowsOf(part: string, figures: RunResult): readonly Row[] {
  const told = (name: string, found: string): Row => ({ part, name, goal: 'told', found, good: true })
  const none = (name: string, found: number | readonly string[]): Row => {
    const count = typeof found === 'number' ? found : found.length
    return { part, name, goal: '0', found: String(count), good: count === 0 }
  }
  const { expected, accepted, kills, resets, secondCopies, openAtFaults, faultsAtOpenSends, slowestRecoveryMs, seconds, mix, blows, timed, felt } = figures
  const said = Object.values(mix).reduce((sum, count) => sum + count, 0)
  return [
    { part, name: `seed ${figures.seed}: ${kills} kills and ${resets} resets in ${seconds} s; to be told / accepted`, goal: 'told', found: `${expected} / ${accepted}`, good: complaintsOf(figures).length === 0 },
    told('said', Object.entries(mix).map(([what, count]) => `${said === 0 ? 0 : Math.round((100 * count) / said)} % ${what}`).join(', ')),
    { part, name: 'resets between decrypt and receipt', goal: String(blows.timedResets), found: String(timed), good: timed >= blows.timedResets },
    told('half-open links / stops short and long', `${blows.halfOpen} / ${blows.stops}`),
    none('missing', figures.missing),
    none('undecryptable', figures.undecryptable),
    none('twice in the log', figures.twice),
    none('out of order', figures.outOfOrder),
    none('gaps in seq', figures.seqGaps),
    none('sends refused', figures.refused),
    none('accepted and not arrived', figures.notArrived),
    none('accepted and not settled', figures.unsettled),
    none('keys under two ids', figures.twoIds),
    none('sent out of order', figures.sentOutOfOrder),
    { part, name: `second copies of one id; ${faultsAtOpenSends} faults hit ${openAtFaults} open sends`, goal: `<= ${openAtFaults}`, found: String(secondCopies), good: secondCopies <= openAtFaults },
    none('second copies of sends that no fault hit', figures.strayCopies),
    none('undecryptable at the peers', figures.undecryptableAtPeers),
    none('copies asked for again', figures.retries),
    none('pre-key ids used twice', figures.reusedPreKeys),
    none('links lost or made again', figures.relinks),
    none('new identities', figures.newIdentities),
    none('Signal sessions begun anew', figures.resetSessions),
    ...(blows.storeFaults === 0 ? [] : Object.entries(felt).map(([fault, times]) => ({ part, name: `failures of the store: ${fault}`, goal: String(blows.storeFaults), found: String(times), good: times >= blows.storeFaults }))),
    ...(blows.storeFaults === 0 ? [] : [{ part, name: 'open again after a failure of the store, worst', goal: '<= 10000 ms', found: `${slowestRecoveryMs} ms`, good: slowestRecoveryMs <= 10_000 }]),
    ...complaintsOf(figures).map((complaint) => ({ part, name: complaint, goal: '', found: '', good: false })),
  ]
}
