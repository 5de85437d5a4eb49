import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

/** A source file with what it imports: paths from the root for our own, package names for others. */
interface Source {
  readonly path: string
  readonly text: string
  readonly imports: readonly string[]
  /** Those that are there when the program runs: types vanish. */
  readonly loads: readonly string[]
}

const ROOMS = ['schemas', 'plugins', 'src']
/** They compose Fastify, or are processes of their own. */
const COMPOSERS = ['src/app.ts', 'src/server.ts', 'src/simulator.ts', 'src/openapi.ts']
const READS_ENVIRONMENT = ['src/server.ts', 'src/simulator.ts', 'src/openapi.ts', 'src/demo.ts']
const BANNED_NAMES = ['utils', 'helpers', 'common', 'misc', 'core', 'service', 'handler', 'types']
const DECORATORS = ['auth', 'cluster', 'config', 'drain', 'events', 'redis', 'sessions', 'simulator', 'store', 'webhooks', 'whatsapp']
const MAX_PLUGIN_LINES = 60
const BAILEYS = '@whiskeysockets/baileys'

const IMPORT = /(?:^|\n)\s*(?:import|export)\s[^'"]*?\bfrom\s*['"]([^'"]+)['"]|(?:^|\n)import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

const sources: readonly Source[] = ROOMS.flatMap((room) => readdirSync(room, { recursive: true, encoding: 'utf8' }).map((path) => join(room, path)))
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    const text = readFileSync(path, 'utf8')
    const found = [...text.matchAll(IMPORT)].map(([statement, from, bare, lazy]) => {
      const name = from ?? bare ?? lazy ?? ''
      return { name: name.startsWith('.') ? normalize(join(dirname(path), name)) : name, isType: /^\s*(import|export) type\b/.test(statement) }
    })
    return { path, text, imports: found.map(({ name }) => name), loads: found.filter(({ isType }) => !isType).map(({ name }) => name) }
  })

const inRoom = (room: string) => ({ path }: Source): boolean => path.startsWith(`${room}/`)
const isOurs = (name: string): boolean => ROOMS.some((room) => name.startsWith(`${room}/`))
/** What breaks a law, as `file -> what it imports`. */
const breaches = (files: readonly Source[], breaks: (imported: string, path: string) => boolean): string[] =>
  files.flatMap(({ path, imports }) => imports.filter((imported) => breaks(imported, path)).map((imported) => `${path} -> ${imported}`))

describe('the three rooms', () => {
  it('has sources to judge', () => {
    expect(sources.length).toBeGreaterThan(100)
    expect(sources.flatMap(({ imports }) => imports).filter(isOurs).every((name) => sources.some(({ path }) => path === name))).toBe(true)
  })

  it('keeps schemas to TypeBox and each other', () => {
    expect(breaches(sources.filter(inRoom('schemas')), (name) => name !== '@sinclair/typebox' && !name.startsWith('schemas/'))).toEqual([])
  })

  it('keeps Fastify and plugins out of the machinery', () => {
    const machinery = sources.filter(inRoom('src')).filter(({ path }) => !COMPOSERS.includes(path))
    expect(breaches(machinery, (name) => name === 'fastify' || name === 'fastify-plugin' || name.startsWith('@fastify/') && name !== '@fastify/error' || name.startsWith('plugins/'))).toEqual([])
  })

  it('keeps Baileys in src/whatsapp and the simulator', () => {
    const others = sources.filter(({ path }) => !path.startsWith('src/whatsapp/') && !path.startsWith('src/simulator/'))
    expect(breaches(others, (name) => name.startsWith(BAILEYS))).toEqual([])
  })

  it('keeps the simulator apart from all of us', () => {
    expect(breaches(sources.filter(inRoom('src/simulator')), (name) => isOurs(name) && !name.startsWith('src/simulator/'))).toEqual([])
  })

  it('lets plugins meet on the instance, never by import', () => {
    const plugins = sources.filter(inRoom('plugins')).filter(({ path }) => !path.startsWith('plugins/routes/'))
    expect(breaches(plugins, (name) => name.startsWith('plugins/'))).toEqual([])
  })

  it('has no import cycle', () => {
    expect(cycles()).toEqual([])
  })
})

describe('plugins', () => {
  const plugins = sources.filter(inRoom('plugins')).filter(({ path }) => !path.startsWith('plugins/routes/'))
  const usedIn = (files: readonly Source[]): string[] => DECORATORS.filter((name) => files.some(({ text }) => new RegExp(`\\bapp\\.${name}\\b`).test(text)))
  const declaredIn = ({ text }: Source): string[] => [...(/dependencies: \[([^\]]*)\]/.exec(text)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(([, name]) => name ?? '').toSorted()

  it.each(plugins.map((plugin) => [plugin.path, plugin] as const))('%s is thin, named after its file, and declares what it uses', (path, plugin) => {
    const name = basename(path, '.ts')
    expect(plugin.text).toContain(`name: '${name}'`)
    expect(declaredIn(plugin)).toEqual(usedIn([plugin]).toSorted())
    expect(plugin.text.split('\n').length - 1).toBeLessThanOrEqual(MAX_PLUGIN_LINES)
    const decorated = [...plugin.text.matchAll(/app\.decorate\('(\w+)'/g)].map(([, decorator]) => decorator)
    expect(decorated.every((decorator) => decorator === name)).toBe(true)
  })

  it('declares for the routes what all of them use', () => {
    const routes = sources.filter(inRoom('plugins/routes'))
    const index = routes.find(({ path }) => path === 'plugins/routes/index.ts')
    expect(index && declaredIn(index)).toEqual(usedIn(routes).toSorted())
  })
})

describe('names', () => {
  it('has no drawer for odds and ends', () => {
    expect(sources.filter(({ path }) => BANNED_NAMES.includes(basename(path, '.ts'))).map(({ path }) => path)).toEqual([])
  })

  it('is kebab-case', () => {
    expect(sources.filter(({ path }) => !/^[a-z0-9-]+(\.d)?\.ts$/.test(basename(path))).map(({ path }) => path)).toEqual([])
  })

  it('exports by name', () => {
    expect(sources.filter(({ path, text }) => /^export default/m.test(text) && !path.startsWith('plugins/') && !path.endsWith('.d.ts')).map(({ path }) => path)).toEqual([])
  })

  it('reads the environment in one place a process', () => {
    expect(sources.filter(({ path, text }) => text.includes('process.env') && !READS_ENVIRONMENT.includes(path)).map(({ path }) => path)).toEqual([])
  })
})

/** Each cycle once, as the path that closes it. */
function cycles(): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
      return
    }
    if (done.has(path)) return
    for (const next of byPath.get(path)?.loads.filter(isOurs) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const { path } of sources) visit(path, [])
  return found
}
