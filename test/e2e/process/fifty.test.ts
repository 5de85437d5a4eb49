import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Session } from '../../../schemas/session.ts'
import { startGateway, type Gateway } from '../../support/gateway.ts'
import { until } from '../../support/wait.ts'
import { closeKnown } from '../faults/scene.ts'

const SESSIONS = 50
/** How many link side by side: a phone waits for its own client only. */
const AT_ONCE = 10
/** Fifty first links are half a minute of computing on an idle machine. */
const PATIENCE_MS = 240_000
/** Every so many write to the next one after the restart. */
const WRITERS = 10

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => closeKnown(gateway))

const ids = Array.from({ length: SESSIONS }, (_, place) => `session-${place}`)
const phoneOf = (id: string): string => `1555040${id.slice('session-'.length).padStart(4, '0')}`

/** Runs the work for each id, so many at a time. */
async function each(chosen: readonly string[], work: (id: string) => Promise<unknown>): Promise<void> {
  const waiting = [...chosen]
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await work(id)
  }))
}

const open = async (): Promise<readonly Session[]> => (await gateway.call<Session[]>('GET', '/sessions?limit=100')).body.filter(({ isLoggedIn }) => isLoggedIn)

it('fifty sessions link, are open together, and all resume after a restart', async () => {
  await each(ids, async (id) => {
    await gateway.call('POST', `/sessions/${id}?wait=25`)
    const { body: { qr } } = await gateway.call<{ qr: string }>('GET', `/sessions/${id}/qr?wait=25`)
    await gateway.simulator.scan(qr, { phone: phoneOf(id) })
  })
  await until(async () => (await open()).length === SESSIONS, 'all to be open', PATIENCE_MS)

  await gateway.stop()
  gateway = await startGateway({}, gateway.dataDir)
  await until(async () => (await open()).length === SESSIONS, 'all to be back', PATIENCE_MS)
  const { accounts } = gateway.simulator.manifest()
  expect(accounts.flatMap(({ devices }) => devices).filter(({ online }) => online)).toHaveLength(SESSIONS)

  await each(ids.filter((_, place) => place % WRITERS === 0), async (id) => {
    const next = ids[ids.indexOf(id) + 1] ?? ''
    const sent = await gateway.call('POST', `/sessions/${id}/chats/${phoneOf(next)}/messages`, { body: { text: `from ${id}` }, headers: { prefer: 'wait=25' } })
    expect(sent.status).toBe(201)
    await gateway.message(next, phoneOf(id), ({ text }) => text === `from ${id}`)
  })
}, PATIENCE_MS)
