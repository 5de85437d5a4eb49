import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { killGateways, refusedStart, startGatewayProcess } from '../../support/gateway-process.ts'
import { tempFolder } from '../../support/temp.ts'

const KEY = 'key-of-the-tests'
const sandbox = (dataDir: string): Record<string, string> => ({ API_KEY: KEY, DATA_DIR: dataDir, SANDBOX: 'true', LOG_LEVEL: 'warn' })
const live = (dataDir: string): Record<string, string> => ({ ...sandbox(dataDir), SANDBOX: 'false' })
/** A refusal is for people: no stack, no error class. */
const STACK = /^\s+at |Error:/m

/** What a file holds, or that it is none. */
const content = (path: string): Buffer | 'no file' => (statSync(path).isFile() ? readFileSync(path) : 'no file')

let used: { readonly sandbox: string; readonly live: string }

/** A folder that a gateway has used and left, to be spoiled: a copy, as each start takes its time. */
function usedFolder(mode: 'sandbox' | 'live'): string {
  const folder = tempFolder()
  cpSync(used[mode], folder, { recursive: true })
  return folder
}

async function use(env: (dataDir: string) => Record<string, string>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'puente-'))
  const gateway = await startGatewayProcess(env(folder))
  await gateway.end()
  return folder
}

beforeAll(async () => {
  used = { sandbox: await use(sandbox), live: await use(live) }
})
afterAll(async () => {
  await killGateways()
  for (const folder of Object.values(used)) rmSync(folder, { recursive: true, force: true })
})

describe('settings', () => {
  it('every fault is in one message', async () => {
    const { code, stderr, stdout } = await refusedStart({ PORT: 'many', LOG_LEVEL: 'loud', SANDBOX: 'perhaps', WHATSAPP_VERSION: 'new', REDIS_URL: 'http://127.0.0.1', DATA_DIR: tempFolder() })
    expect(code).toBe(1)
    expect(stdout).toBe('')
    for (const name of ['PORT', 'LOG_LEVEL', 'SANDBOX', 'WHATSAPP_VERSION', 'REDIS_URL']) expect(stderr).toMatch(new RegExp(`^ +- ${name} `, 'm'))
    expect(stderr).not.toMatch(STACK)
  })

  it('a Redis that is not there is named, and its password is not', async () => {
    const folder = tempFolder()
    const { code, stderr } = await refusedStart({ ...sandbox(folder), REDIS_URL: 'redis://:hunter2@127.0.0.1:1' })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Redis at 127\.0\.0\.1:1 cannot be reached/)
    expect(stderr).not.toContain('hunter2')
    expect(readdirSync(folder)).toEqual([])
  })

  it('a port in use is named', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as AddressInfo
    const { code, stderr } = await refusedStart({ ...sandbox(tempFolder()), PORT: String(port) })
    expect(code).toBe(1)
    expect(stderr).toContain(`127.0.0.1:${port}`)
    expect(stderr).toContain('set PORT')
    expect(stderr).not.toMatch(STACK)
  })

  it('a simulator that is not there is named', async () => {
    const { code, stderr } = await refusedStart({ ...sandbox(tempFolder()), SANDBOX: 'http://127.0.0.1:9' })
    expect(code).toBe(1)
    expect(stderr).toContain('http://127.0.0.1:9 does not answer')
  })
})

describe('another Baileys', () => {
  it('that cannot be guarded is refused in a sentence that names the hook and the version', async () => {
    const { code, stdout, stderr } = await refusedStart({ ...sandbox(tempFolder()), NODE_OPTIONS: `--import ${new URL('../../support/odd-libsignal.mjs', import.meta.url).href}` })
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr.trim()).toMatch(/^Puente cannot guard the Baileys 7\.0\.0-rc14 that is installed: a session that did not fit a message is changed by it\. Run `npm ci` [^\n]*$/)
    expect(stderr).not.toMatch(STACK)
  })
})

describe('the data folder', () => {
  it('a second process on it refuses, naming it, and the first goes on', async () => {
    const folder = tempFolder()
    const first = await startGatewayProcess(sandbox(folder))
    const { code, stderr, stdout } = await refusedStart(sandbox(folder))
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toContain(`Another Puente runs on the data folder ${folder}`)
    expect(stderr).not.toMatch(STACK)
    expect((await first.call('GET', '/sessions')).status).toBe(200)
    await first.end('SIGKILL')
    // A kill leaves no lock behind.
    const third = await startGatewayProcess(sandbox(folder))
    expect(await third.end()).toEqual({ code: 0, signal: null })
  })

  it.each([['live', sandbox, /real WhatsApp sessions/], ['sandbox', live, /sandbox sessions/]] as const)('a store of the %s mode is not opened in the other', async (mode, other, words) => {
    const folder = usedFolder(mode)
    const { code, stderr } = await refusedStart(other(folder))
    expect(code).toBe(1)
    expect(stderr).toMatch(words)
    expect(stderr).toContain(folder)
    expect(stderr).not.toMatch(STACK)
  })

  it.each<[string, (database: string) => void]>([
    ['damaged', (database) => writeFileSync(database, Buffer.alloc(8192, 7))],
    ['empty', (database) => truncateSync(database)],
    ['a folder', (database) => {
      rmSync(database)
      mkdirSync(database)
    }],
  ])('a database that is %s is named, and left as it is', async (_words, spoil) => {
    const folder = usedFolder('sandbox')
    const database = join(folder, 'store.db')
    spoil(database)
    const before = content(database)
    const { code, stderr } = await refusedStart(sandbox(folder))
    expect(code).toBe(1)
    expect(stderr).toContain(folder)
    expect(stderr).not.toMatch(STACK)
    expect(content(database)).toEqual(before)
  })

  it('a folder that cannot be made is named', async () => {
    const file = join(tempFolder(), 'file')
    writeFileSync(file, '')
    const { code, stderr } = await refusedStart(sandbox(join(file, 'data')))
    expect(code).toBe(1)
    expect(stderr).toContain(join(file, 'data'))
    expect(stderr).not.toMatch(STACK)
  })
})

/** A file system of so many bytes that only root may mount; null for others. */
function smallDisk(bytes: number): string | null {
  const folder = tempFolder()
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'ignore' })
  if (status !== 0) return null
  onTestFinished(() => void spawnSync('umount', ['-l', folder], { stdio: 'ignore' }))
  return folder
}

describe('a full disk', () => {
  it('is named at the start', async ({ skip }) => {
    const folder = smallDisk(64 * 1024)
    if (folder === null) return skip('only root may mount a small disk')
    const { code, stderr } = await refusedStart(sandbox(join(folder, 'data')))
    expect(code).toBe(1)
    expect(stderr).toMatch(/disk|full|space/i)
    expect(stderr).toContain(folder)
  })
})
