import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { renderConfiguration, renderEnvExample, settings } from './settings.ts'

/** Compares a written page with what the schema says; UPDATE_DOCS=1 rewrites it instead. */
function matches(path: string, text: string): void {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, text)
  expect(readFileSync(path, 'utf8'), `${path} is behind schemas/config.ts: run UPDATE_DOCS=1 npx vitest run test/house/configuration.test.ts`).toBe(text)
}

describe('the configuration', () => {
  it('is written down whole in docs/configuration.md', () => matches('docs/configuration.md', renderConfiguration()))

  it('is written down whole in .env.example', () => matches('.env.example', renderEnvExample()))

  it.each(settings)('%s has a description and passes docker-compose.yml', (name, setting) => {
    expect(setting.description).toMatch(/\w.*\.$/)
    expect(readFileSync('docker-compose.yml', 'utf8')).toMatch(new RegExp(`^ {6}${name}: `, 'm'))
  })

  it('takes .env.example as it is, uncommented, and means the defaults', () => {
    const lines = readFileSync('.env.example', 'utf8').split('\n').filter((line) => /^#[A-Z_]+=/.test(line))
    const env = Object.fromEntries(lines.map((line) => line.slice(1).split('=') as [string, string]))
    expect(Object.keys(env)).toEqual(settings.map(([name]) => name))
    expect(loadConfig(env)).toEqual(loadConfig({}))
  })
})
