import type { Row } from './row.ts'
import { runHole, type HoleSize } from './webhooks/hole.ts'
import { runWebhooks, type WebhooksResult, type WebhooksSize } from './webhooks/run.ts'

const PART = 'webhooks'
const MOST_REPEATED = 0.01
const MOST_ADDED_MS = 100
/** What a garbage collector may keep for a while. */
const MOST_GROWTH_MB = 40

/** What a run found that it should not have, in words. */
export const webhookComplaints = (figures: WebhooksResult): string[] => rowsOf(figures).filter(({ good }) => !good).map(({ name, goal, found }) => `${name}: ${found}, not ${goal}`)

/** Webhooks under fire: both ends die, the endpoint fails and hangs. Then one black hole beside good endpoints. */
export async function webhooksPart(size: WebhooksSize, hole: HoleSize): Promise<readonly Row[]> {
  const figures = await runWebhooks(size)
  const first: Row = {
    part: PART, name: `seed ${figures.seed}: ${size.events} events of ${size.sessions} sessions, ${size.kills} and ${size.endpointKills} kills in ${figures.seconds} s; attempts`, goal: 'told', found: String(figures.attempts), good: true,
  }
  return [first, ...rowsOf(figures), ...(await holeRows(hole))]
}

function rowsOf({ missing, missingStrict, delivered, deliveredStrict, repeated, inversions, chatInversions, unsigned, givenUp }: WebhooksResult): readonly Row[] {
  const none = (name: string, found: number): Row => ({ part: PART, name, goal: '0', found: String(found), good: found === 0 })
  const all = delivered + deliveredStrict
  return [
    none(`never got a 2xx, of ${delivered + missing}`, missing),
    none(`never got a 2xx in the strict lanes, of ${deliveredStrict + missingStrict}`, missingStrict),
    { part: PART, name: 'second 2xx for one webhook-id', goal: `<= ${MOST_REPEATED * 100} %`, found: `${repeated} (${((100 * repeated) / Math.max(1, all)).toFixed(2)} %)`, good: repeated <= MOST_REPEATED * all },
    none('inversions of the first 2xx in a strict lane', inversions),
    { part: PART, name: 'the same in chats, by parking', goal: 'told', found: String(chatInversions), good: true },
    { part: PART, name: 'failed at every step of the schedule, delivered by a replay', goal: 'told', found: String(givenUp), good: true },
    none('not signed as they should be', unsigned),
  ]
}

async function holeRows(size: HoleSize): Promise<readonly Row[]> {
  const { deliveries, aloneP99Ms, besideP99Ms, earlyMb, lateMb, swallowed } = await runHole(size)
  const addedMs = besideP99Ms - aloneP99Ms
  return [
    { part: PART, name: `p99 of ${size.good} good endpoints beside a black hole, ${deliveries} deliveries, ${swallowed} swallowed`, goal: `<= ${MOST_ADDED_MS} ms more`, found: `${besideP99Ms} ms, alone ${aloneP99Ms} ms`, good: addedMs <= MOST_ADDED_MS && swallowed > 0 },
    { part: PART, name: 'memory beside a black hole', goal: `<= ${MOST_GROWTH_MB} MB more`, found: `${lateMb} MB, before ${earlyMb} MB`, good: lateMb - earlyMb <= MOST_GROWTH_MB },
  ]
}
