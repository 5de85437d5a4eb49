import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { mortalGateway, type Mortal } from '../../faults/gateway.ts'
import { startLoneSimulator } from '../../support/lone-simulator.ts'
import { hasRedis, startRedis } from '../../support/redis.ts'
import { tempFolder } from '../../support/temp.ts'
import { assertNothingUnknown } from '../../support/unknown-stanzas.ts'
import { until } from '../../support/wait.ts'

const PATIENCE_MS = 120_000
const OPEN_MS = 60_000
const OWNER = '15550740000'
const ANA = '15550740001'
const ID = 'mover'
const CHAT = `/sessions/${ID}/chats/${ANA}/messages`
const PREFIX = 'moved'
const MIGRATE = join(import.meta.dirname, '../../../dist/src/migrate.js')

interface Heard {
  readonly id: string
  readonly text: string
}

async function migrate(from: string, to: string): Promise<number | null> {
  const child = spawn(process.execPath, [MIGRATE, '--from', from, '--to', to, '--prefix', PREFIX, '--sandbox'], { env: { PATH: process.env['PATH'] ?? '' }, stdio: 'ignore' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

it.skipIf(!hasRedis)('a session that was moved to Redis and back sends, decrypts and finishes what it had accepted', { timeout: PATIENCE_MS }, async () => {
  const redis = await startRedis()
  const simulator = await startLoneSimulator()
  const [before, after] = [tempFolder(), tempFolder()]
  const gateways = [before, tempFolder(), after].map((dataDir, place) => mortalGateway({ dataDir, sandbox: simulator.controlUrl, env: place === 1 ? { REDIS_URL: redis.url, REDIS_PREFIX: PREFIX } : {} }))
  const heard = (): Promise<readonly Heard[]> => simulator.control<Heard[]>('GET', `/sandbox/contacts/${ANA}/messages`)

  /** A message each way: who cannot decrypt one asks nobody again. */
  async function exchange(gateway: Mortal, when: string): Promise<void> {
    await gateway.allOpen([ID], OPEN_MS)
    await simulator.control('POST', `/sandbox/contacts/${ANA}/messages`, { to: OWNER, type: 'text', text: `to you ${when}` })
    expect((await gateway.call('POST', CHAT, { text: `to Ana ${when}` }, { prefer: 'wait=25' })).status).toBe(201)
    await until(async () => ((await gateway.call('GET', CHAT)).body as unknown as readonly Heard[]).some(({ text }) => text === `to you ${when}`), `what Ana writes ${when}`)
    await until(async () => (await heard()).some(({ text }) => text === `to Ana ${when}`), `what Ana gets ${when}`)
  }

  /** Accepts a send that is not finished here, and ends in order. */
  async function leave(gateway: Mortal, text: string): Promise<string> {
    await simulator.control('POST', '/sandbox/faults', { kind: 'silent', account: OWNER })
    const { body } = await gateway.call('POST', CHAT, { text }, { prefer: 'respond-async' })
    await gateway.stop()
    await simulator.control('DELETE', '/sandbox/faults')
    return String(body['messageId'])
  }

  try {
    await simulator.control('POST', '/sandbox/contacts', { phone: ANA, name: 'Ana', answersRetries: false })
    const [first, second, third] = gateways as [Mortal, Mortal, Mortal]
    await first.start()
    await first.call('POST', `/sessions/${ID}?wait=25`)
    await simulator.scan(String((await first.call('GET', `/sessions/${ID}/qr?wait=25`)).body['qr']), { phone: OWNER })
    await exchange(first, 'at first')
    const there = await leave(first, 'on the way there')
    expect(await migrate(before, redis.url)).toBe(0)

    await second.start()
    await exchange(second, 'over Redis')
    await until(async () => (await heard()).some(({ id }) => id === there), 'what was accepted before the move')
    const back = await leave(second, 'on the way back')
    expect(await migrate(redis.url, after)).toBe(0)

    await third.start()
    await exchange(third, 'at home again')
    await until(async () => (await heard()).some(({ id }) => id === back), 'what was accepted before the way back')
    const listed = (await third.call('GET', CHAT)).body as unknown as readonly Heard[]
    expect(listed.map(({ text }) => text).toSorted()).toEqual([
      ...['at first', 'over Redis', 'at home again'].flatMap((when) => [`to Ana ${when}`, `to you ${when}`]), 'on the way back', 'on the way there',
    ].toSorted())
    const manifest = await simulator.control<{ unknownStanzas: { what: string; count: number }[]; accounts: { phone: string; devices: unknown[] }[] }>('GET', '/sandbox')
    expect(manifest.accounts.find(({ phone }) => phone === OWNER)?.devices).toHaveLength(1)
    assertNothingUnknown(manifest)
  } finally {
    for (const gateway of gateways) await gateway.kill()
    await simulator.stop()
    await redis.stop()
  }
})
