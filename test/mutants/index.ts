/**
 * `npm run test:mutants [-- --only NAME,NAME] [--list] [--seed N] [--jobs N] [--no-controls]`: switches off one piece of ours after the other, in a
 * temporary copy, and shows what notices it. Exit 1 when a mutant survives, or when a catcher complains of the copy without one.
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { copyOf, type Copy } from './copy.ts'
import { MUTANTS, STOCK } from './list/index.ts'
import type { Catcher, Mutant } from './mutant.ts'
import { complaintOf, type Complaint } from './verdict.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const text = { type: 'string' } as const
const { values } = parseArgs({ options: { only: text, seed: text, jobs: text, list: { type: 'boolean' }, 'no-controls': { type: 'boolean' } } })
const seed = Number(values.seed ?? Date.now() & 0xffffff)
const jobs = Number(values.jobs ?? Math.min(2, availableParallelism()))
const wanted = values.only?.split(',')
const unknown = wanted?.filter((name) => name !== STOCK.name && !MUTANTS.some((mutant) => mutant.name === name)) ?? []
if (unknown.length > 0 || !Number.isInteger(seed) || !Number.isInteger(jobs) || jobs < 1) {
  process.stderr.write(`--only takes names of --list${unknown.length > 0 ? `, not ${unknown.join(', ')}` : ''}; --seed and --jobs take whole numbers.\n`)
  process.exit(2)
}

/** One line of the table, and whether it is as it must be. */
interface Line {
  readonly cells: readonly string[]
  readonly good: boolean
}

const chosen = [STOCK, ...MUTANTS].filter(({ name }) => wanted?.includes(name) ?? true)
if (values.list) {
  for (const { name, off, caughtBy } of chosen) process.stdout.write(`${name.padEnd(26)}  ${off.padEnd(80)}  ${caughtBy.name}\n`)
  process.exit(0)
}

const copies: Copy[] = []
process.once('exit', () => {
  for (const copy of copies) copy.remove()
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
for (let job = 0; job < jobs; job += 1) copies.push(copyOf(ROOT))

/** Does all of it, as many at once as there are copies; the answers are in the order of what was asked. */
async function each<T, R>(work: readonly T[], one: (item: T, copy: Copy) => Promise<R>): Promise<R[]> {
  const done: R[] = []
  const waiting = work.entries()
  await Promise.all(copies.map(async (copy) => {
    for (const [place, item] of waiting) done[place] = await one(item, copy)
  }))
  return done
}

async function timed(edits: Mutant['edits'], catcher: Catcher, copy: Copy): Promise<{ complaint: Complaint; seconds: string; broken: boolean }> {
  const began = Date.now()
  const told = await copy.with(edits, () => complaintOf(catcher, copy.root, seed)).then((complaint) => ({ complaint, broken: false }), (error: unknown) => ({ complaint: (error as Error).message, broken: true }))
  return { ...told, seconds: String(Math.round((Date.now() - began) / 1000)) }
}

function say({ cells, good }: Line): Line {
  process.stderr.write(`${good ? 'ok' : 'NO'}  ${cells.join('  ')}\n`)
  return { cells, good }
}

process.stderr.write(`mutants: seed ${seed}, ${jobs} at once\n`)
// Stock Baileys needs no control of its own: it is judged by a catcher of another row.
const catchers = values['no-controls'] ? [] : [...new Set(chosen.filter((mutant) => mutant !== STOCK).map(({ caughtBy }) => caughtBy))]
const controls = await each(catchers, async (catcher, copy) => {
  const { complaint, seconds } = await timed([], catcher, copy)
  return say({ cells: ['-', 'nothing', catcher.name, complaint === null ? 'passes' : `FAILS WITHOUT A MUTANT: ${complaint}`, seconds], good: complaint === null })
})
const verdicts = await each(chosen, async ({ name, off, edits, caughtBy }, copy) => {
  const { complaint, seconds, broken } = await timed(edits, caughtBy, copy)
  return say({ cells: [name, off, caughtBy.name, broken ? `ERROR: ${complaint}` : complaint === null ? 'SURVIVED' : complaint, seconds], good: !broken && complaint !== null })
})

const lines = [['mutant', 'switched off', 'catcher', 'result', 's'], ...[...verdicts, ...controls].map(({ cells }) => cells)]
const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
for (const line of lines) process.stdout.write(`${line.map((cell, column) => (column === 4 ? cell.padStart(4) : cell.padEnd(widths[column] ?? 0))).join('  ')}\n`)
const bad = [...verdicts, ...controls].filter(({ good }) => !good).length
process.stdout.write(`${verdicts.filter(({ good }) => good).length} of ${verdicts.length} caught, ${controls.filter(({ good }) => good).length} of ${controls.length} catchers pass without a mutant; seed ${seed}\n`)
process.exit(bad === 0 ? 0 : 1)
