import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Message } from '../../../schemas/message.ts'
import type { Session } from '../../../schemas/session.ts'
import { killGateways, startGatewayProcess, type GatewayProcess } from '../../support/gateway-process.ts'
import { startLoneSimulator, type LoneSimulator } from '../../support/lone-simulator.ts'
import { tempFolder } from '../../support/temp.ts'
import { assertNothingUnknown } from '../../support/unknown-stanzas.ts'
import { until } from '../../support/wait.ts'

const WRITER = '15551500001'
/** A link takes about this long on an idle machine; the kills fall within it. */
const LINK_MS = 600
const KILLS = 3
const PATIENCE_MS = 180_000

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

const session = async (gateway: GatewayProcess): Promise<Session> => (await gateway.call<Session>('GET', '/sessions/one')).body

/** Shows the phone a code, unless the session is on its way by itself. */
async function scan(gateway: GatewayProcess, phone: string): Promise<void> {
  await gateway.call('POST', '/sessions/one?wait=25')
  const { body: { qr } } = await gateway.call<{ qr: string | null }>('GET', '/sessions/one/qr?wait=25')
  if (qr !== null) await simulator.scan(qr, { phone })
}

it('kill -9 while linking: what was linked resumes without a code, what was not can be linked, and both work', async () => {
  const seed = Date.now() & 0x7fffffff
  process.stderr.write(`kill while linking, seed ${seed}\n`)
  await simulator.control('POST', '/sandbox/contacts', { phone: WRITER, name: 'Writer' })
  const lost: number[] = []
  for (let round = 0; round < KILLS; round += 1) {
    const phone = `1555140000${round}`
    const env = { API_KEY: 'key', DATA_DIR: tempFolder(), SANDBOX: simulator.controlUrl, LOG_LEVEL: 'silent' }
    const mortal = await startGatewayProcess(env)
    // The moment of the kill is what this test is about, so it is chosen by the clock.
    const moment = sleep(((seed + round * 7919) % 1000) / 1000 * LINK_MS + (round / KILLS) * LINK_MS)
    const scanned = scan(mortal, phone).then(() => true, () => false)
    await moment
    const wasOpen = await session(mortal).then(({ isLoggedIn }) => isLoggedIn, () => false)
    await mortal.end('SIGKILL')
    await scanned

    const gateway = await startGatewayProcess(env)
    const found = await gateway.call<Session>('GET', '/sessions/one')
    if (wasOpen && !found.body.linked) lost.push(round)
    const resumes = found.status === 200 && found.body.state !== 'stopped'
    // Killed between the phone's signature and the server's taking it, a link is refused at the next login and shows a fresh code.
    const settled = resumes ? await until(async () => {
      const { state } = await session(gateway)
      return (state === 'open' || state === 'qr') && state
    }, `the session of round ${round} to resume or to show a code`, 30_000) : 'stopped'
    if (settled !== 'open') {
      if (wasOpen) lost.push(round)
      await scan(gateway, phone)
    }
    await until(async () => (await session(gateway)).isLoggedIn, `the session of round ${round} to be open`, 30_000)
    await simulator.control('POST', `/sandbox/contacts/${WRITER}/messages`, { to: phone, type: 'text', text: `hello ${round}` })
    await until(async () => {
      const { status, body } = await gateway.call<Message[]>('GET', `/sessions/one/chats/${WRITER}/messages`)
      return status === 200 && body[0]?.text === `hello ${round}`
    }, 'the first message')
    expect((await gateway.call('POST', `/sessions/one/chats/${WRITER}/messages`, { body: { text: 'hello back' } })).status).toBe(201)
    expect(await gateway.end()).toEqual({ code: 0, signal: null })
  }
  expect(lost).toEqual([])
}, PATIENCE_MS)
