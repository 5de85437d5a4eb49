/**
 * `npm run test:faults [-- --only inbound|outbound|sessions|store|ghosts|webhooks|cluster] [--seed N] [--messages N] [--sends N] [--kills N] [--resets N]
 * [--timed-resets N] [--half-open N] [--stops N] [--store-faults N] [--sessions N] [--contacts N] [--link-kills N] [--refill-kills N] [--history-kills N] [--commit-ms N]
 * [--calls N] [--ghosts N] [--events N] [--endpoint-kills N] [--rate N] [--timeout-haste N] [--keep-alive-ms N] [--store redis] [--subject stock] [--keep FOLDER]`: the parts at their full size unless told otherwise, and their table. `--resets`
 * counts the timed ones too, `--store-faults` is of each kind. The seed is printed; a run with it makes the same choices. The parts about webhooks and about several nodes play only when they are named: nothing else may run beside them. Exit 1 when a goal is missed.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { PARTS, type Sizes } from './parts.ts'
import type { Row } from './row.ts'
import type { StoreKind } from './store/store.ts'

const NUMBERS = { messages: 'messages', sends: 'sends', kills: 'kills', resets: 'resets', 'timed-resets': 'timedResets', 'half-open': 'halfOpen', stops: 'stops', 'store-faults': 'storeFaults', sessions: 'sessions', contacts: 'contacts', 'link-kills': 'linkKills', 'refill-kills': 'refillKills', 'history-kills': 'historyKills', ghosts: 'ghosts', calls: 'calls', events: 'events', 'endpoint-kills': 'endpointKills', rate: 'rate', 'timeout-haste': 'timeoutHaste', 'commit-ms': 'commitMs', 'keep-alive-ms': 'keepAliveMs' } as const
const MOST_MINUTES = 60
const text = { type: 'string' } as const
const { values } = parseArgs({ options: { only: text, seed: text, keep: text, subject: text, store: text, ...Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, text])) } })
const given = values as Readonly<Record<string, string | undefined>>

const seed = Number(given['seed'] ?? Date.now() & 0xffffff)
const sizes = Object.fromEntries(Object.entries(NUMBERS).flatMap(([name, size]) => (given[name] === undefined ? [] : [[size, Number(given[name])]])))
const wrong = Object.entries({ seed, ...sizes }).filter(([, value]) => !Number.isInteger(value) || value < 0)
const only = given['only']
/** What may stand in place of our gateway: a small one of stock Baileys, which fails. */
const SUBJECTS: Readonly<Record<string, string>> = { stock: 'test/faults/stock/program.js' }
const subject = given['subject']
const program = subject === undefined ? undefined : SUBJECTS[subject]
const store = given['store'] ?? 'sqlite'
const isStore = (name: string): name is StoreKind => name === 'sqlite' || name === 'redis'
const names = Object.keys(PARTS) as (keyof typeof PARTS)[]
/** These have stores of their own. */
const isOwn = only === 'webhooks' || only === 'cluster'
if (wrong.length > 0 || !isStore(store) || (isOwn && given['store'] !== undefined) || (subject !== undefined && program === undefined) || (only !== undefined && !names.some((name) => name === only))) {
  process.stderr.write(`--only takes one of ${names.join(', ')}; --subject only ${Object.keys(SUBJECTS).join(', ')}; --store sqlite or redis, and not for webhooks and cluster; every other option but --keep takes a whole number.\n`)
  process.exit(2)
}
const kind = store

// The gateway and the simulator must not outlive this process, see its 'exit'.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

/** Parts that may go side by side, as each waits most of its time; the last has a time to keep. */
const ROUNDS: readonly (readonly (keyof typeof PARTS)[])[] = [['inbound', 'store'], ['outbound', 'ghosts'], ['sessions']]

async function play(name: keyof typeof PARTS): Promise<readonly Row[]> {
  process.stderr.write(`- ${name}, seed ${seed}\n`)
  const keep = given['keep']
  const chosen: Sizes = { ...sizes, seed, store: kind, program, ...(keep === undefined ? {} : { dataDir: only === undefined ? join(keep, name) : keep }) }
  const rows: readonly Row[] = await PARTS[name](chosen).catch((error: unknown) => [{ part: name, name: `seed ${seed}: came to no end`, goal: '', found: (error as Error).message, good: false }])
  // A run that is ended before its last part has told of the others.
  if (only === undefined) process.stderr.write(tableOf(rows))
  return rows
}

function tableOf(rows: readonly Row[]): string {
  const lines = [['part', 'what', 'goal', 'found', ''], ...rows.map(({ part, name, goal, found, good }) => [part, name, goal, found, good ? 'pass' : 'MISS'])]
  const widths = [0, 1, 2, 3].map((column) => Math.min(110, Math.max(...lines.map((line) => line[column]?.length ?? 0))))
  return lines.map((line) => `${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()}\n`).join('')
}

const began = Date.now()
const rows: Row[] = []
for (const round of only === undefined ? ROUNDS : [names.filter((name) => name === only)]) rows.push(...(await Promise.all(round.map(play))).flat())
rows.push({ part: 'all', name: 'took', goal: only === undefined ? `<= ${MOST_MINUTES} min` : 'told', found: `${((Date.now() - began) / 60_000).toFixed(1)} min`, good: only !== undefined || Date.now() - began <= MOST_MINUTES * 60_000 })
process.stdout.write(tableOf(rows))
process.exit(rows.every(({ good }) => good) ? 0 : 1)
