import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Catcher } from './mutant.ts'
import { launch, type Ending } from './program.ts'

/** What a catcher says of a copy: null when it has nothing against it. */
export type Complaint = string | null

const LIMIT_MS = 420_000
const REPORT = 'report.json'
const MAX_LENGTH = 150

/** Runs the catcher over the copy that is built there. */
export async function complaintOf(catcher: Catcher, root: string, seed: number): Promise<Complaint> {
  if (catcher.kind === 'tests') return complaintOfTests(catcher, root)
  for (let tried = 0; tried < catcher.tries; tried += 1) {
    const ending = await launch(root, ['dist/test/faults/index.js', ...catcher.args, '--seed', String(seed + tried)], LIMIT_MS)
    if (ending.code !== 0) return cut(`${ofFaults(ending)} (seed ${seed + tried})`)
  }
  return null
}

function ofFaults({ code, output }: Ending): string {
  return code === null ? `no end within ${LIMIT_MS / 1000} s` : missedIn(output) || lastError(output)
}

/** The goals that a table of the fault tests misses, as `n what`; the rows alone where there is no more to say; '' for a table without one. */
export function missedIn(table: string): string {
  const rows = table.split('\n').filter((line) => line.endsWith('MISS')).map((line) => line.replace(/^\w+\s+/, '').replace(/\s+MISS$/, ''))
  const complaints = rows.flatMap((row) => /^\d+ [^:]*?(?=:|, but|\s{2,}|$)/.exec(row)?.[0] ?? [])
  return (complaints.length > 0 ? complaints : rows.map((row) => row.replaceAll(/\s{2,}/g, ' '))).join(', ')
}

interface Report {
  readonly success: boolean
  readonly numPassedTests: number
  readonly testResults: readonly { readonly message: string; readonly assertionResults: readonly { readonly status: string; readonly fullName: string; readonly failureMessages: readonly string[] }[] }[]
}

async function complaintOfTests({ files, named }: Extract<Catcher, { kind: 'tests' }>, root: string): Promise<Complaint> {
  const report = join(root, REPORT)
  rmSync(report, { force: true })
  const { code, output } = await launch(root, ['node_modules/vitest/vitest.mjs', 'run', ...files, ...(named === undefined ? [] : ['-t', named]), '--reporter=json', `--outputFile=${report}`], LIMIT_MS)
  if (code === null) return `no end within ${LIMIT_MS / 1000} s`
  const { success, numPassedTests, testResults } = read(report)
  if (code === 0 && success && numPassedTests > 0) return null
  const failed = testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status === 'failed')
  if (failed[0]) return cut(`${failed.length > 1 ? `${failed.length} failed, such as ` : ''}${failed[0].fullName.trim()}: ${failed[0].failureMessages[0]?.split('\n')[0] ?? ''}`)
  return cut(testResults.find(({ message }) => message !== '')?.message ?? lastError(output))
}

function read(path: string): Report {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report
  } catch {
    return { success: false, numPassedTests: 0, testResults: [] }
  }
}

const lastError = (output: string): string => output.split('\n').findLast((line) => /\w*Error:/.test(line)) ?? output.trim().slice(-MAX_LENGTH)

function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH - 1)}…` : line
}
