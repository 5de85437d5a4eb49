import { complaintsOf } from './checker.ts'
import { run, type RunResult, type RunSize } from './run.ts'
import type { Row } from './row.ts'
import { sessionsPart } from './sessions-part.ts'

/** Sizes that a caller chose; what is left out has the part's full size. */
export type Sizes = Partial<Pick<RunSize, 'sessions' | 'contacts' | 'messages' | 'sends' | 'kills' | 'resets' | 'storeFaults' | 'commitMs' | 'program' | 'dataDir'>> & { readonly seed: number; readonly linkKills?: number }

type Part = (sizes: Sizes) => Promise<readonly Row[]>

const TOWN = { sessions: 2, contacts: 6 }
const AT_ONCE = 100

const lasting = async (part: string, full: Omit<RunSize, 'seed'>, sizes: Sizes): Promise<readonly Row[]> => rowsOf(part, await run({ ...full, ...sizes }))

/** Every part at its full size. */
export const PARTS: Readonly<Record<'inbound' | 'outbound' | 'sessions' | 'store', Part>> = {
  inbound: (sizes) => lasting('inbound', { ...TOWN, messages: 20_000, sends: 400, kills: 200, resets: 200 }, sizes),
  outbound: (sizes) => lasting('outbound', { ...TOWN, messages: 1000, sends: 10_000, kills: 100, resets: 100, atOnce: AT_ONCE }, sizes),
  sessions: ({ seed, sessions = 50, kills = 20, linkKills = 20 }) => sessionsPart({ seed, sessions, kills, linkKills }),
  store: (sizes) => lasting('store', { ...TOWN, messages: 3000, sends: 600, kills: 0, resets: 0, storeFaults: 150 }, sizes),
}

function rowsOf(part: string, figures: RunResult): readonly Row[] {
  const none = (name: string, found: number | readonly string[]): Row => {
    const count = typeof found === 'number' ? found : found.length
    return { part, name, goal: '0', found: String(count), good: count === 0 }
  }
  const { expected, accepted, kills, resets, secondCopies, openAtFaults, slowestRecoveryMs, seconds } = figures
  return [
    { part, name: `seed ${figures.seed}: ${kills} kills and ${resets} resets in ${seconds} s; to be told / accepted`, goal: 'told', found: `${expected} / ${accepted}`, good: complaintsOf(figures).length === 0 },
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
    { part, name: 'second copies of one id', goal: `<= ${openAtFaults} open at faults`, found: String(secondCopies), good: secondCopies <= openAtFaults },
    none('undecryptable at the peers', figures.undecryptableAtPeers),
    none('copies asked for again', figures.retries),
    none('pre-key ids used twice', figures.reusedPreKeys),
    none('links lost or made again', figures.relinks),
    ...(slowestRecoveryMs === 0 ? [] : [{ part, name: 'open again after a failure of the disk, worst', goal: '<= 10000 ms', found: `${slowestRecoveryMs} ms`, good: slowestRecoveryMs <= 10_000 }]),
    ...complaintsOf(figures).map((complaint) => ({ part, name: complaint, goal: '', found: '', good: false })),
  ]
}
