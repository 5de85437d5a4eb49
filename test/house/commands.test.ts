import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/wait.ts'
import { shellBlocks } from './pages.ts'
import { freePort, startShell, type Running } from './program.ts'

const KEY = 'try-me'
const START_MS = 60_000
const ANA = '34600000001'
const OWNER = '34600000099'

const hasCurl = spawnSync('curl', ['--version']).status === 0
if (!hasCurl && process.env['CI'] !== 'true') console.log('curl is missing: the commands of README.md are not tried (2 tests).')

/** The one block after a marker. */
function block(marker: string): string {
  const [text, ...more] = shellBlocks('README.md', marker)
  if (text === undefined || more.length > 0) throw new Error(`README.md needs one shell block after <!-- ${marker} -->`)
  return text
}

describe('npm run demo', () => {
  it('shows the whole round within 20 s, ends by itself and leaves nothing behind', { timeout: START_MS }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'puente-demo-test-'))
    const { code, stdout, stderr } = await startShell(block('demo'), { TMPDIR: folder, SANDBOX: 'false', API_KEY: 'not-mine' }).outcome
    expect(stderr.replaceAll(/^npm warn.*$/gm, '').trim()).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain('All of it happened')
    expect(stdout).not.toContain('\u001B')
    // It measures itself and fails on its own past 20 s; the build before it is not its time.
    expect(Number(/in ([\d.]+) s\./.exec(stdout)?.[1])).toBeLessThan(20)
    expect(readdirSync(folder)).toEqual([])
    rmSync(folder, { recursive: true })
  })

  it('stops at a signal and takes the gateway and its folder along', { timeout: START_MS }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'puente-demo-test-'))
    const demo = startShell('exec node dist/src/demo.js', { TMPDIR: folder })
    await until(() => /URL=http:\S+/.test(demo.printed()), 'the gateway to be ready', START_MS)
    const url = /URL=(http:\S+)/.exec(demo.printed())?.[1] ?? ''
    const { code } = await demo.stop()
    expect(code).toBe(143)
    expect(readdirSync(folder)).toEqual([])
    await until(async () => (await fetch(url).catch(() => null)) === null, 'the gateway to be gone')
    rmSync(folder, { recursive: true })
  })
})

describe.skipIf(!hasCurl && process.env['CI'] !== 'true')('the commands of README.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'puente-readme-'))
  let gateway: Running
  let url: string

  beforeAll(async () => {
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    const [command = ''] = shellBlocks('README.md', 'sandbox:start')
    gateway = startShell(command.replace('data/sandbox', folder), { PORT: String(port), LOG_LEVEL: 'warn' })
    await until(async () => (await fetch(`${url}/health/ready`).catch(() => null))?.ok, 'the gateway to be ready', START_MS)
  }, START_MS)

  afterAll(async () => {
    await gateway.stop()
    rmSync(folder, { recursive: true })
  })

  /** Runs a README text against this gateway; each answer on a line, the first error ends it. */
  async function shell(text: string): Promise<string> {
    const curl = 'set -euo pipefail; curl() { command curl --fail-with-body "$@"; echo; }\n'
    const here = text.replaceAll('http://127.0.0.1:3000', url).replaceAll('$(cat data/api-key)', KEY)
    const { code, stdout, stderr } = await startShell(curl + here, { URL: url, API_KEY: KEY }).outcome
    expect({ code, stderr, stdout }).toMatchObject({ code: 0, stderr: '' })
    return stdout
  }

  const control = async (path: string, body: object): Promise<void> => {
    const response = await fetch(`${url}/sandbox${path}`, { method: 'POST', headers: { 'X-Api-Key': KEY, 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  }

  const get = async <T>(path: string): Promise<T> => (await (await fetch(url + path, { headers: { 'X-Api-Key': KEY } })).json()) as T

  it('play the sandbox round', async () => {
    const output = await shell(shellBlocks('README.md', 'sandbox').join('\n'))
    expect(output).toContain('"already_logged_in"')
    expect(output).toContain('Are you open today?')
    expect(output).toContain('"status":"sent"')
    expect(output.trim().split('\n').at(-1)).toContain('Until eight.')
  })

  it('link a phone, by QR code drawn in the terminal or by code, and use it', async () => {
    expect(await shell(block('phone:link'))).toMatch(/[▀▄█]{10}/)
    const code = /"code":"([A-Z0-9]{8})"/.exec(await shell(block('phone:code')))?.[1]
    await control('/pairing-code', { phone: OWNER, code })
    await until(async () => (await get<{ isLoggedIn: boolean }>('/sessions/sales')).isLoggedIn, 'the session to be open')
    await control('/contacts', { phone: ANA, name: 'Ana' })
    await control(`/contacts/${ANA}/messages`, { to: OWNER, type: 'text', text: 'Good morning' })
    await until(async () => (await get<{ text?: string }[]>(`/sessions/sales/chats/${ANA}/messages`))[0]?.text === 'Good morning', 'the message')
    const output = await shell(block('phone:use'))
    expect(output).toContain('Good morning')
    expect(output).toContain('"message":"Hello from Puente"')
    expect(output).toContain('"remote":true')
  })
})
