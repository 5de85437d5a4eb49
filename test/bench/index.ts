/** `npm run bench [-- --json] [name...]`: the figures of the gateway, each beside its goal. Exit 1 when one is missed. */
import { history, linking, manySessions } from './beside-raw.ts'
import { cost } from './cost/index.ts'
import { passes, type Figure, type Measure } from './figure.ts'
import { inbound } from './inbound.ts'
import { latency } from './latency/index.ts'
import { pages } from './pages.ts'
import { redis } from './redis.ts'

const MEASURES: Readonly<Record<string, Measure>> = { pages, inbound, linking, history, sessions: manySessions, cost, latency, redis }

const asked = process.argv.slice(2)
const names = asked.filter((name) => !name.startsWith('--'))
const unknown = names.filter((name) => !(name in MEASURES))
if (unknown.length > 0) {
  process.stderr.write(`There is no figure called ${unknown.join(', ')}; there are: ${Object.keys(MEASURES).join(', ')}.\n`)
  process.exit(2)
}

const figures: Figure[] = []
for (const [name, measure] of Object.entries(MEASURES)) {
  if (names.length > 0 && !names.includes(name)) continue
  figures.push(...(await measure((words) => process.stderr.write(`- ${words}\n`))))
}

if (asked.includes('--json')) {
  process.stdout.write(`${JSON.stringify(figures.map((figure) => ({ ...figure, pass: passes(figure) })), null, 2)}\n`)
} else {
  const rows = [['figure', 'goal', 'measured', ''], ...figures.map((figure) => [figure.name, figure.goal, figure.measured, passes(figure) ? 'pass' : 'MISS'])]
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  for (const row of rows) process.stdout.write(`${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()}\n`)
}
process.exit(figures.every(passes) ? 0 : 1)
