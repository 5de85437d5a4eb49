import { Environment } from '../../schemas/config.ts'

interface Setting {
  readonly description: string
  readonly default?: string | number
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
}

/** Every setting of the configuration schema, in its order. */
export const settings: readonly (readonly [name: string, setting: Setting])[] = Object.entries(Environment.properties as unknown as Record<string, Setting>)

/** The widest line of .env.example. */
const COLUMNS = 100

function comment(text: string): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + word.length < COLUMNS) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(`# ${word}`)
  }
  return lines
}

/** .env.example as the schema says it should be: every setting commented out, at its default. */
export function renderEnvExample(): string {
  const head = comment('Settings of Puente, each at its default. Copy this file to .env, uncomment what you change; docker compose reads .env by itself, without docker: `node --env-file=.env dist/src/server.js`.')
  const blocks = settings.map(([name, setting]) => [...comment(setting.description), `#${name}=${setting.default ?? ''}`])
  return `${[head, ...blocks].map((lines) => lines.join('\n')).join('\n\n')}\n`
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

function values(setting: Setting): string {
  if (setting.enum) return setting.enum.map((value) => `\`${value}\``).join(', ')
  if (setting.minimum !== undefined && setting.maximum !== undefined) return `${setting.minimum} to ${setting.maximum}`
  return setting.pattern === undefined ? 'text' : `\`${cell(setting.pattern)}\``
}

/** docs/configuration.md as the schema says it should be. */
export function renderConfiguration(): string {
  const rows = settings.map(([name, setting]) => `| \`${name}\` | ${setting.default === undefined ? '-' : `\`${setting.default}\``} | ${values(setting)} | ${cell(setting.description)} |`)
  return [
    '# Configuration',
    '',
    'Puente is configured by environment variables alone. An empty value counts as unset. Every fault is named in one message, and the gateway does not start with one.',
    'This page is written from `schemas/config.ts` and checked by a test: after a change there, run `UPDATE_DOCS=1 npx vitest run test/house/configuration.test.ts`.',
    '',
    '| variable | default | values | what it does |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}
