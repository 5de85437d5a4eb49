import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { resolveApiKey } from '../src/api-key.ts'

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'puente-key-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

it('takes the configured key and writes nothing', () => {
  const dataDir = join(folder(), 'data')
  expect(resolveApiKey('given', dataDir)).toEqual({ value: 'given', origin: 'configured', place: null })
  expect(() => statSync(dataDir)).toThrow('ENOENT')
})

it('makes a key once and keeps it, readable by nobody else', () => {
  const dataDir = join(folder(), 'data')
  const made = resolveApiKey(null, dataDir)
  expect(made).toEqual({ value: expect.stringMatching(/^[\w-]{43}$/), origin: 'generated', place: join(dataDir, 'api-key') })
  expect(resolveApiKey(null, dataDir)).toEqual({ ...made, origin: 'kept' })
  expect(statSync(join(dataDir, 'api-key')).mode & 0o777).toBe(0o600)
  expect(statSync(dataDir).mode & 0o777).toBe(0o700)
  expect(readdirSync(dataDir)).toEqual(['api-key'])
  expect(resolveApiKey(null, join(folder(), 'other')).value).not.toBe(made.value)
})

it.each(['', 'short', 'two words of a key that is long'])('refuses a file that holds %j', (text) => {
  const dataDir = folder()
  writeFileSync(join(dataDir, 'api-key'), text)
  expect(() => resolveApiKey(null, dataDir)).toThrow('does not hold an API key')
})
