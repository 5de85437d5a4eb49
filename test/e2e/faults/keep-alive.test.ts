import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startGateway, type Gateway } from '../../support/gateway.ts'
import { until } from '../../support/wait.ts'
import { closeKnown, linkedPair } from './scene.ts'

/** Baileys pings this often, and a connection without a word for a little longer is lost. */
const KEEP_ALIVE_MS = 30_000

let gateway: Gateway
beforeAll(async () => {
  // Only what the keep-alive counts with may be turned forward; every wait of the gateway itself stays real.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], shouldAdvanceTime: true })
  gateway = await startGateway()
})
afterAll(async () => {
  await closeKnown(gateway)
  vi.useRealTimers()
})

it('an open connection whose server falls silent is noticed by its pings, and comes back by itself', async () => {
  const pair = await linkedPair(gateway, 'silent')
  await pair.receive('before')
  await pair.lists(['before'])
  gateway.simulator.addFault({ kind: 'silent', account: pair.owner })
  await pair.receive('meanwhile')
  expect((await pair.send('mine')).status).toBe(202)

  vi.advanceTimersByTime(KEEP_ALIVE_MS)
  expect(await gateway.session(pair.id)).toMatchObject({ state: 'open' })
  vi.advanceTimersByTime(KEEP_ALIVE_MS)
  const lost = await until(async () => {
    const session = await gateway.session(pair.id)
    return session.state !== 'open' && session
  }, 'the lost connection')
  expect(lost).toMatchObject({ state: 'reconnecting', reason: 'the connection was lost (408)', isLoggedIn: false })
  await gateway.state(pair.id, 'open')
  await pair.lists(['before', 'meanwhile'])
  await pair.delivers(['mine'])
})
