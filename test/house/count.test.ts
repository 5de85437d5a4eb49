import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'puente-count-'))
afterAll(() => rmSync(folder, { recursive: true }))

function count(report: object | string | null, testExit: string, failedChecks = 0): { code: number | null; last: string | undefined } {
  const path = join(folder, 'report.json')
  rmSync(path, { force: true })
  if (report !== null) writeFileSync(path, typeof report === 'string' ? report : JSON.stringify(report))
  const { status, stdout } = spawnSync(process.execPath, ['.ci/count.mjs', path, testExit, String(failedChecks)], { encoding: 'utf8' })
  return { code: status, last: stdout.trim().split('\n').at(-1) }
}

const file = (status: string, ...tests: string[]): object => ({ status, assertionResults: tests.map((test) => ({ status: test })) })

describe('the closing line of .ci/run', () => {
  it('counts what passed', () => {
    expect(count({ numPassedTests: 12, numFailedTests: 0, testResults: [file('passed', 'passed')] }, '0')).toEqual({ code: 0, last: '12 passed, 0 failed' })
  })

  it('counts what failed', () => {
    expect(count({ numPassedTests: 11, numFailedTests: 1, testResults: [file('failed', 'passed', 'failed')] }, '1')).toEqual({ code: 1, last: '11 passed, 1 failed' })
  })

  it('counts a test file that does not load', () => {
    expect(count({ numPassedTests: 11, numFailedTests: 0, testResults: [file('failed')] }, '1')).toEqual({ code: 1, last: '11 passed, 1 failed' })
  })

  it('fails when every test passed and the run did not, as after an unhandled rejection', () => {
    expect(count({ numPassedTests: 12, numFailedTests: 0, testResults: [file('passed', 'passed')] }, '1')).toEqual({ code: 1, last: '12 passed, 1 failed' })
  })

  it.each([null, '', '{"numPassedTests": 1'])('fails when the tests crashed and left the report %j', (report) => {
    expect(count(report, '139')).toEqual({ code: 1, last: '0 passed, 1 failed' })
  })

  it('fails when no test ran', () => {
    expect(count({ numPassedTests: 0, numFailedTests: 0, testResults: [] }, '0')).toEqual({ code: 1, last: '0 passed, 1 failed' })
  })

  it('counts a failed check, and does not trust a report when the tests never started', () => {
    expect(count({ numPassedTests: 12, numFailedTests: 0, testResults: [] }, '0', 1)).toEqual({ code: 1, last: '12 passed, 1 failed' })
    expect(count({ numPassedTests: 12, numFailedTests: 0, testResults: [] }, '', 1)).toEqual({ code: 1, last: '0 passed, 1 failed' })
  })
})
