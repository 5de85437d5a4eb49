import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Session, SessionStart } from '../../../schemas/session.ts'
import { killGateways, startGatewayProcess, type GatewayProcess } from '../../support/gateway-process.ts'
import { startLoneSimulator, type LoneSimulator } from '../../support/lone-simulator.ts'
import { isOverRedis } from '../../support/store-env.ts'
import { tempFolder } from '../../support/temp.ts'
import { assertNothingUnknown } from '../../support/unknown-stanzas.ts'
import { until } from '../../support/wait.ts'

const KEY = 'key-of-the-tests'
const READER = '15550800001'
const PRIVATE_FOLDER = 0o700
const PRIVATE_FILE = 0o600
/** Shorter than a close waits for answers that do not come. */
const CLOSED_WITHIN_MS = 4500

let simulator: LoneSimulator
beforeAll(async () => {
  simulator = await startLoneSimulator()
})
afterAll(async () => {
  await killGateways()
  const manifest = await simulator.control<{ unknownStanzas: { what: string; count: number }[] }>('GET', '/sandbox')
  await simulator.stop()
  assertNothingUnknown(manifest)
})

const env = (dataDir: string): Record<string, string> => ({ API_KEY: KEY, DATA_DIR: dataDir, SANDBOX: simulator.controlUrl, LOG_LEVEL: 'warn' })

/** Links the session `one` to the phone. */
async function linked(gateway: GatewayProcess, phone: string): Promise<void> {
  await gateway.call('POST', '/sessions/one')
  const { body: { qr } } = await gateway.call<{ qr: string }>('GET', '/sessions/one/qr?wait=20')
  await simulator.scan(qr, { phone })
  await until(async () => (await gateway.call<Session>('GET', '/sessions/one')).body.isLoggedIn, 'the session to be open')
}
const modeOf = (path: string): number => statSync(path).mode & 0o777

describe('the data folder', () => {
  // Over Redis the folder holds no store.
  it.skipIf(isOverRedis)('is 0700 and everything in it 0600, whatever the umask and an earlier mode', async () => {
    const folder = join(tempFolder(), 'deep', 'data')
    const gateway = await startGatewayProcess(env(folder))
    await gateway.call('POST', '/sessions/one')
    expect(modeOf(folder)).toBe(PRIVATE_FOLDER)
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files.map(({ name }) => name)).toContain('store.db')
    for (const { parentPath, name } of files) expect([name, modeOf(join(parentPath, name))]).toEqual([name, PRIVATE_FILE])
    expect(await gateway.end()).toEqual({ code: 0, signal: null })
  })
})

describe('the API key', () => {
  // Over Redis the key lies there, not in a file.
  it.skipIf(isOverRedis)('is made where none is set: 0600, printed once, kept for the next start', async () => {
    const folder = tempFolder()
    const { API_KEY: _none, ...keyless } = env(folder)
    const file = join(folder, 'api-key')
    const first = await startGatewayProcess({ ...keyless, LOG_LEVEL: 'debug' })
    const key = readFileSync(file, 'utf8').trim()
    expect(key.length).toBeGreaterThanOrEqual(32)
    expect(modeOf(file)).toBe(PRIVATE_FILE)
    expect(first.stdout().split(key)).toHaveLength(2)
    expect(first.stderr()).not.toContain(key)
    expect((await first.call('GET', '/sessions')).status).toBe(401)
    expect((await first.call('GET', '/sessions', { headers: { 'x-api-key': key } })).status).toBe(200)
    await first.end()

    const second = await startGatewayProcess({ ...keyless, LOG_LEVEL: 'debug' }, key)
    expect(readFileSync(file, 'utf8').trim()).toBe(key)
    expect((await second.call('GET', '/sessions')).status).toBe(200)
    expect(second.stdout() + second.stderr()).not.toContain(key)
    expect(second.stdout()).toContain(file)
    await second.end()
  })

  it('is not kept where one is set, nor printed', async () => {
    const folder = tempFolder()
    const gateway = await startGatewayProcess(env(folder))
    expect(existsSync(join(folder, 'api-key'))).toBe(false)
    expect(gateway.stdout() + gateway.stderr()).not.toContain(KEY)
    await gateway.end()
  })
})

describe('the end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s: exit 0 at once while requests wait, and each of them is answered', async (signal) => {
    const folder = tempFolder()
    const gateway = await startGatewayProcess(env(folder))
    const owner = signal === 'SIGTERM' ? '15550700001' : '15550700002'
    await linked(gateway, owner)
    await simulator.control('POST', '/sandbox/contacts', { phone: READER, name: 'Reader' })
    // WhatsApp does not ack, so the send waits as long as its caller wants.
    await simulator.control('POST', '/sandbox/faults', { kind: 'noAck', account: owner, times: 0 })
    const waiting = gateway.call('POST', `/sessions/one/chats/${READER}/messages`, { body: { text: 'patience' }, headers: { prefer: 'wait=25' } })
    // And it refuses every new connection, so another session never shows a code.
    await simulator.control('POST', '/sandbox/faults', { kind: 'httpError', times: 0 })
    const linking = gateway.call<SessionStart>('POST', '/sessions/two?wait=25')
    await until(async () => (await simulator.control<{ from: string }[]>('GET', `/sandbox/contacts/${READER}/messages`)).some(({ from }) => from === owner), 'the send to be under way')
    await until(async () => (await gateway.call<Session>('GET', '/sessions/two')).body.state === 'reconnecting', 'the other session to be refused')

    const asked = Date.now()
    expect(await gateway.end(signal)).toEqual({ code: 0, signal: null })
    expect(Date.now() - asked).toBeLessThan(CLOSED_WITHIN_MS)
    expect(await waiting).toMatchObject({ status: 202, body: { status: 'queued' } })
    expect(await linking).toMatchObject({ status: 200, body: { qr: null, state: 'reconnecting' } })
    await simulator.control('DELETE', '/sandbox/faults')
  })
})

describe('a promise that nobody catches', () => {
  it('is logged, and ends neither the process nor a session', async () => {
    // What a socket of one session might do at any time, done at a signal.
    const reject = "process.on('SIGWINCH',()=>void Promise.reject(new Error('nobody-catches-this')))"
    const gateway = await startGatewayProcess({ ...env(tempFolder()), NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(reject)}` })
    await linked(gateway, '15550700003')
    process.kill(gateway.pid, 'SIGWINCH')
    await until(() => gateway.stdout().includes('nobody caught it'), 'the line in the log')
    expect((await gateway.call<Session>('GET', '/sessions/one')).body).toMatchObject({ state: 'open', isLoggedIn: true })
    await simulator.control('POST', '/sandbox/contacts', { phone: READER, name: 'Reader' })
    expect((await gateway.call('POST', `/sessions/one/chats/${READER}/messages`, { body: { text: 'still here' } })).status).toBe(201)
    expect(await gateway.end()).toEqual({ code: 0, signal: null })
  })
})

describe('the simulator alone', () => {
  it('says one line of JSON and nothing else on standard output', async () => {
    const alone = await startLoneSimulator()
    const addresses = JSON.parse(alone.output[0] ?? '') as Record<string, string>
    expect(Object.keys(addresses)).toEqual(['wsUrl', 'mediaUrl', 'controlUrl'])
    for (const url of Object.values(addresses)) expect(new URL(url).hostname).toBe('127.0.0.1')
    await alone.control('POST', '/sandbox/contacts', { phone: '15550900001', name: 'Somebody' })
    expect(await alone.stop()).toBe(0)
    expect(alone.output).toHaveLength(1)
  })
})
