import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { renderConfiguration, renderEnvExample, settings } from './settings.ts'

/** What a written page says; UPDATE_DOCS=1 rewrites it first. */
function written(path: string, text: string): string {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, text)
  return readFileSync(path, 'utf8')
}

describe('the configuration', () => {
  it('is written down whole in docs/configuration.md (UPDATE_DOCS=1 rewrites it)', () => {
    expect(written('docs/configuration.md', renderConfiguration())).toBe(renderConfiguration())
  })

  it('is written down whole in .env.example (UPDATE_DOCS=1 rewrites it)', () => {
    expect(written('.env.example', renderEnvExample())).toBe(renderEnvExample())
  })

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
