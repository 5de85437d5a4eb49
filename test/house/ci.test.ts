import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

// Stands in for npm: notes what it was asked, fails where FAIL says so, and leaves the report that vitest would.
const NPM = `#!/usr/bin/env bash
echo "npm $*" >> "$NOTES"
case "$*" in *"$FAIL"*) exit 7 ;; esac
for argument in "$@"; do
  case "$argument" in --outputFile.json=*) printf '%s' "$REPORT" > "\${argument#*=}" ;; esac
done
`
const REPORT = JSON.stringify({ numPassedTests: 3, numFailedTests: 0, testResults: [{ status: 'passed', assertionResults: [] }] })

describe('.ci/run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'puente-ci-'))
  const notes = join(folder, 'notes')
  writeFileSync(join(folder, 'npm'), NPM, { mode: 0o755 })
  afterAll(() => rmSync(folder, { recursive: true }))

  function run(fail: string): { code: number | null; last: string | undefined; asked: string[] } {
    writeFileSync(notes, '')
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`, NOTES: notes, FAIL: fail, REPORT }
    const { status, stdout } = spawnSync('.ci/run', { encoding: 'utf8', env })
    return { code: status, last: stdout.trim().split('\n').at(-1), asked: readFileSync(notes, 'utf8').trim().split('\n') }
  }

  it("installs, lints, checks types and the OpenAPI document, and runs the README's test command", () => {
    const { code, last, asked } = run('nothing')
    expect(asked.slice(1, 5)).toEqual(['npm run --silent lint', 'npm run --silent typecheck', 'npm run --silent openapi -- --check', 'npm run --silent openapi:lint'])
    expect(asked[0]).toMatch(/^npm ci /)
    expect(asked[5]).toMatch(/^npm test -- --reporter=default --reporter=json --outputFile\.json=/)
    expect({ code, last }).toEqual({ code: 0, last: '3 passed, 0 failed' })
  })

  it('goes on after a check that fails, and fails itself', () => {
    const { code, last, asked } = run('silent lint')
    expect(asked).toHaveLength(6)
    expect({ code, last }).toEqual({ code: 1, last: '3 passed, 1 failed' })
  })

  it('fails when the tests crash', () => {
    const { code, last } = run('test --')
    expect({ code, last }).toEqual({ code: 1, last: '0 passed, 1 failed' })
  })

  it('stops when the install fails', () => {
    const { code, last, asked } = run('ci --include')
    expect(asked).toHaveLength(1)
    expect({ code, last }).toEqual({ code: 1, last: '0 passed, 1 failed' })
  })
})
