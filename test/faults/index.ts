/**
 * `npm run test:faults [-- --only inbound|outbound|sessions|store|ghosts] [--seed N] [--messages N] [--sends N] [--kills N] [--resets N]
 * [--timed-resets N] [--half-open N] [--stops N] [--store-faults N] [--sessions N] [--contacts N] [--link-kills N] [--refill-kills N] [--history-kills N] [--commit-ms N]
 * [--ghosts N] [--keep-alive-ms N] [--subject stock] [--keep FOLDER]`: the parts at their full size unless told otherwise, and their table. `--resets`
 * counts the timed ones too, `--store-faults` is of each kind. The seed is printed; a run with it makes the same choices. Exit 1 when a goal is missed.
 */
import { parseArgs } from 'node:util'
import { PARTS, type Sizes } from './parts.ts'
import type { Row } from './row.ts'

const NUMBERS = { messages: 'messages', sends: 'sends', kills: 'kills', resets: 'resets', 'timed-resets': 'timedResets', 'half-open': 'halfOpen', stops: 'stops', 'store-faults': 'storeFaults', sessions: 'sessions', contacts: 'contacts', 'link-kills': 'linkKills', 'refill-kills': 'refillKills', 'history-kills': 'historyKills', ghosts: 'ghosts', 'commit-ms': 'commitMs', 'keep-alive-ms': 'keepAliveMs' } as const
const text = { type: 'string' } as const
const { values } = parseArgs({ options: { only: text, seed: text, keep: text, subject: text, ...Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, text])) } })
const given = values as Readonly<Record<string, string | undefined>>

const seed = Number(given['seed'] ?? Date.now() & 0xffffff)
const sizes = Object.fromEntries(Object.entries(NUMBERS).flatMap(([name, size]) => (given[name] === undefined ? [] : [[size, Number(given[name])]])))
const wrong = Object.entries({ seed, ...sizes }).filter(([, value]) => !Number.isInteger(value) || value < 0)
const only = given['only']
/** What may stand in place of our gateway: a small one of stock Baileys, which fails. */
const SUBJECTS: Readonly<Record<string, string>> = { stock: 'test/faults/stock/program.js' }
const subject = given['subject']
const program = subject === undefined ? undefined : SUBJECTS[subject]
const names = Object.keys(PARTS) as (keyof typeof PARTS)[]
if (wrong.length > 0 || (subject !== undefined && program === undefined) || (only !== undefined && !names.some((name) => name === only))) {
  process.stderr.write(`--only takes one of ${names.join(', ')}; --subject only ${Object.keys(SUBJECTS).join(', ')}; every other option but --keep takes a whole number.\n`)
  process.exit(2)
}

// The gateway and the simulator must not outlive this process, see its 'exit'.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

const rows: Row[] = []
for (const name of names) {
  if (only !== undefined && only !== name) continue
  process.stderr.write(`- ${name}, seed ${seed}\n`)
  const chosen: Sizes = { ...sizes, seed, program, ...(given['keep'] === undefined ? {} : { dataDir: given['keep'] }) }
  rows.push(...(await PARTS[name](chosen)))
}
const lines = [['part', 'what', 'goal', 'found', ''], ...rows.map(({ part, name, goal, found, good }) => [part, name, goal, found, good ? 'pass' : 'MISS'])]
const widths = [0, 1, 2, 3].map((column) => Math.min(110, Math.max(...lines.map((line) => line[column]?.length ?? 0))))
for (const line of lines) process.stdout.write(`${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()}\n`)
process.exit(rows.every(({ good }) => good) ? 0 : 1)
