import { spawnSync } from 'node:child_process'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import type { Message } from '../../../schemas/message.ts'
import type { Problem } from '../../../schemas/problem.ts'
import type { Session } from '../../../schemas/session.ts'
import type { AccountView } from '../../../src/simulator/verbs/people.ts'
import { killGateways, startGatewayProcess } from '../../support/gateway-process.ts'
import { startLoneSimulator, type LoneSimulator } from '../../support/lone-simulator.ts'
import { tempFolder } from '../../support/temp.ts'
import { assertNothingUnknown } from '../../support/unknown-stanzas.ts'
import { until } from '../../support/wait.ts'

const OWNER = '15551200001'
const FRIEND = '15551300001'
const DISK_MIB = 24
const PATIENCE_MS = 90_000

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

/** A small file system, which only root may mount; null for others. */
function smallDisk(): string | null {
  const folder = tempFolder()
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', folder], { stdio: 'ignore' })
  if (status !== 0) return null
  onTestFinished(() => void spawnSync('umount', ['-l', folder], { stdio: 'ignore' }))
  return folder
}

/** Leaves no byte free. */
function fill(disk: string): string {
  const ballast = join(disk, 'ballast')
  const { bavail, bsize } = statfsSync(disk)
  try {
    writeFileSync(ballast, Buffer.alloc(bavail * bsize))
  } catch (error) {
    // The gateway has taken some of it in between: then it is full too.
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
  return ballast
}

it('a disk that fills up is named; nothing is accepted nor lost, and the same link goes on when there is room', async ({ skip }) => {
  const disk = smallDisk()
  if (disk === null) return skip('only root may mount a small disk')
  const gateway = await startGatewayProcess({ API_KEY: 'key', DATA_DIR: join(disk, 'data'), SANDBOX: simulator.controlUrl, LOG_LEVEL: 'error' })
  const chat = `/sessions/one/chats/${FRIEND}/messages`
  const session = async (): Promise<Session> => (await gateway.call<Session>('GET', '/sessions/one')).body
  const devices = async () => (await simulator.control<{ accounts: AccountView[] }>('GET', '/sandbox')).accounts.find(({ phone }) => phone === OWNER)?.devices
  const say = (text: string) => simulator.control('POST', `/sandbox/contacts/${FRIEND}/messages`, { to: OWNER, type: 'text', text })
  const texts = async () => (await gateway.call<Message[]>('GET', `${chat}?limit=100`)).body.map(({ text }) => text).toReversed()

  await gateway.call('POST', '/sessions/one')
  const { body: { qr } } = await gateway.call<{ qr: string }>('GET', '/sessions/one/qr')
  await simulator.scan(qr, { phone: OWNER })
  await until(async () => (await session()).isLoggedIn, 'the session to be open')
  await simulator.control('POST', '/sandbox/contacts', { phone: FRIEND, name: 'Friend' })
  await say('before')
  await until(async () => (await gateway.call('GET', chat)).status === 200, 'the first message')
  const linkedAt = (await devices())?.map((device) => device.linkedAt)

  const ballast = fill(disk)
  const said = ['before']
  // What the database has already taken of the disk lasts for some more messages.
  await until(async () => {
    said.push(`meanwhile ${said.length}`)
    await say(said.at(-1) ?? '')
    return (await session()).state === 'store_error'
  }, 'the failure to show', PATIENCE_MS)
  expect(await session()).toMatchObject({ isLoggedIn: false, linked: true, reason: expect.stringContaining('store') as string })
  const refused = await gateway.call<Problem>('POST', chat, { body: { text: 'no room' }, headers: { prefer: 'respond-async' } })
  expect([refused.status, refused.body.code]).toEqual([503, 'STORE_UNAVAILABLE'])
  expect(refused.headers.get('retry-after')).not.toBeNull()
  const kept = await texts()
  expect(kept).toEqual(said.slice(0, kept.length))
  expect(gateway.stdout() + gateway.stderr()).toMatch(/full/)

  rmSync(ballast)
  await until(async () => (await session()).isLoggedIn, 'the session to come back', PATIENCE_MS)
  await until(async () => (await texts()).length === said.length, 'what was written meanwhile')
  expect(await texts()).toEqual(said)
  expect((await gateway.call('POST', chat, { body: { text: 'room again' } })).status).toBe(201)
  expect((await devices())?.map((device) => device.linkedAt)).toEqual(linkedAt)
  expect(await gateway.end()).toEqual({ code: 0, signal: null })
}, PATIENCE_MS)
