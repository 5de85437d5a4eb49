import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { StoredEvent } from '../../../schemas/event.ts'
import { mortalGateway, KEY, type Answer, type Mortal } from '../../faults/gateway.ts'
import { openEvents } from '../../support/event-source.ts'
import { startLoneSimulator, type LoneSimulator } from '../../support/lone-simulator.ts'
import { startReceiver, type Posted } from '../../support/receiver.ts'
import { hasRedis, startRedis, type TestRedis } from '../../support/redis.ts'
import { assertNothingUnknown } from '../../support/unknown-stanzas.ts'
import { until } from '../../support/wait.ts'

const START_MS = 60_000
const PATIENCE_MS = 60_000
const OWNER = '15550730000'
const ANA = '15550730001'
const ID = 'across'

const folder = mkdtempSync(join(tmpdir(), 'puente-across-'))
let redis: TestRedis
let simulator: LoneSimulator
/** The node that runs the session, and another one. */
let owner: Mortal
let other: Mortal
beforeAll(async () => {
  if (!hasRedis) return
  redis = await startRedis()
  simulator = await startLoneSimulator()
  await simulator.control('POST', '/sandbox/contacts', { phone: ANA, name: 'Ana' })
  const made = (name: string): Mortal => mortalGateway({ dataDir: join(folder, name), sandbox: simulator.controlUrl, env: { REDIS_URL: redis.url, REDIS_PREFIX: 'across', NODE_ID: name, WEBHOOK_ALLOW_PRIVATE: 'loopback' } })
  owner = made('owner')
  other = made('other')
  await owner.start()
  await owner.call('POST', `/sessions/${ID}?wait=25`)
  await simulator.scan(String((await owner.call('GET', `/sessions/${ID}/qr?wait=25`)).body['qr']), { phone: OWNER })
  await owner.allOpen([ID], START_MS)
  await other.start()
}, START_MS)
afterAll(async () => {
  if (!hasRedis) return
  const manifest = await simulator.control<{ unknownStanzas: { what: string; count: number }[] }>('GET', '/sandbox')
  for (const node of [owner, other]) await node.kill()
  await simulator.stop()
  await redis.stop()
  rmSync(folder, { recursive: true, force: true })
  assertNothingUnknown(manifest)
})

const say = (text: string): Promise<unknown> => simulator.control('POST', `/sandbox/contacts/${ANA}/messages`, { to: OWNER, type: 'text', text })
const textOf = ({ body }: Posted): string | null => {
  const event = JSON.parse(body) as StoredEvent
  return event.type === 'message.received' ? event.data.message.text : null
}

describe.skipIf(!hasRedis)('what is asked of a node that does not run the session', { timeout: PATIENCE_MS }, () => {
  it('reaches its webhooks: made here, delivered there, and delivered again from here', async () => {
    let status = 200
    const receiver = await startReceiver(() => status)
    const asked = async (path: string, body?: object): Promise<Answer['body']> => {
      const answer = await other.call('POST', path, body)
      expect(answer.status).toBeLessThan(300)
      return answer.body
    }
    const { id } = await asked('/webhooks', { url: receiver.url, events: ['message.received'] })
    await say('one')
    await until(() => receiver.posted.length === 1, 'the delivery')
    const deliveries = async (): Promise<readonly { id: string; seq: number; state: string }[]> => (await other.call('GET', `/webhooks/${String(id)}/deliveries`)).body as never
    const done = await until(async () => (await deliveries()).find(({ state }) => state === 'delivered'), 'the row')

    await asked(`/webhooks/${String(id)}/deliveries/${done.id}/redeliver`)
    await until(() => receiver.posted.length === 2, 'the second one')
    await asked(`/webhooks/${String(id)}/replay`, { type: 'range', session: ID, from: done.seq })
    await until(() => receiver.posted.length === 3, 'the third one')

    status = 400
    await say('two')
    await until(async () => (await deliveries()).some(({ state }) => state === 'parked'), 'the second event to be put aside')
    status = 200
    expect(await asked(`/webhooks/${String(id)}/replay`, { type: 'failed' })).toEqual({ events: 1 })
    await until(() => receiver.posted.at(-1)?.status === 200 && textOf(receiver.posted.at(-1) as Posted) === 'two', 'what failed')
    expect(receiver.posted.map(textOf)).toEqual(['one', 'one', 'one', 'two', 'two'])
  })

  it('tells its presence on streams', async () => {
    await say('three')
    const source = openEvents(`${other.url()}/sessions/${ID}/events?after=latest&types=presence.*`, { headers: { 'x-api-key': KEY } })
    onTestFinished(() => source.cut())
    await source.opened
    await until(async () => {
      await simulator.control('POST', `/sandbox/contacts/${ANA}/presence`, { state: 'composing', to: OWNER })
      return source.told.length > 0
    }, 'somebody to write')
    expect(JSON.parse(source.told[0]?.data ?? '')).toMatchObject({ type: 'presence.updated', session: ID, seq: null, data: { presence: 'composing' } })
  })

  it('sees it come back by itself when another connection took its place for a moment', async () => {
    await simulator.control('POST', '/sandbox/faults', { kind: 'replaced', account: OWNER })
    await until(async () => (await other.call('GET', `/sessions/${ID}`)).body['state'] === 'reconnecting', 'the session to notice')
    await other.allOpen([ID], START_MS)
    expect((await other.call('GET', `/sessions/${ID}`)).body['state']).toBe('open')
  })

  it('goes on with its webhooks when that node dies: nothing is left out', async () => {
    const receiver = await startReceiver()
    await other.call('POST', '/webhooks', { url: receiver.url, events: ['message.received'] })
    await say('before')
    await until(() => receiver.posted.some((posted) => textOf(posted) === 'before'), 'the first one')
    await owner.kill()
    await say('meanwhile')
    await other.allOpen([ID], START_MS)
    await say('after')
    await until(() => receiver.posted.some((posted) => textOf(posted) === 'after'), 'the last one')
    expect([...new Set(receiver.posted.map(textOf))]).toEqual(['before', 'meanwhile', 'after'])
  })
})
