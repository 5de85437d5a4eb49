import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SentMessage } from '../../../schemas/message.ts'
import { problem, startGateway, type Gateway } from '../../support/gateway.ts'
import { until } from '../../support/wait.ts'
import { closeKnown, linkedPair, newPair, RECONNECT_MS, SIDE_BY_SIDE_MS, type Pair } from './scene.ts'

/** One query may take 15 s, and some of these wait for two. */
const PATIENCE_MS = 60_000

let gateway: Gateway
let calm: Pair

beforeAll(async () => {
  gateway = await startGateway()
  calm = await linkedPair(gateway, 'calm')
})
afterAll(() => closeKnown(gateway))

const post = (pair: Pair, text: string, prefer: string) =>
  gateway.call<SentMessage>('POST', `${pair.chat}/messages`, { body: { text }, headers: { prefer } })

describe.concurrent('a server that says nothing', { timeout: SIDE_BY_SIDE_MS }, () => {
  it('an open session: sends are taken, others go on, and a stop and a start bring it back', async () => {
    const pair = await linkedPair(gateway, 'frozen')
    await pair.receive('before')
    await pair.lists(['before'])
    gateway.simulator.addFault({ kind: 'silent', account: pair.owner })
    const unanswered = await post(pair, 'into silence', 'wait=1')
    expect(unanswered.status).toBe(202)
    expect((await post(calm, 'all is well', 'wait=25')).status).toBe(201)
    await pair.receive('meanwhile')

    const stopped = await gateway.call('POST', `/sessions/${pair.id}/stop`)
    expect(stopped.body).toMatchObject({ state: 'stopped', isLoggedIn: false, linked: true })
    await gateway.call('POST', `/sessions/${pair.id}`)
    await gateway.state(pair.id, 'open')
    await pair.lists(['before', 'meanwhile'])
    await pair.delivers(['into silence'])
  })

  it('queries about people: the send is accepted at once and goes when an answer comes', async () => {
    const pair = await linkedPair(gateway, 'deaf')
    gateway.simulator.addFault({ kind: 'usyncTimeout', account: pair.owner, times: 1 })
    const start = Date.now()
    const accepted = await post(pair, 'some day', 'respond-async')
    expect(accepted.status).toBe(202)
    expect(Date.now() - start).toBeLessThan(5000)
    expect(pair.arrived()).toEqual([])
    await until(() => pair.arrived().length === 1, 'the message', PATIENCE_MS)
    await pair.delivers(['some day'])
  }, PATIENCE_MS)

  it.each([['encrypt'], ['passive'], [undefined]])('the login query %s: no hang; sends and receives in the end', async (xmlns) => {
    const pair = await linkedPair(gateway, `login-${xmlns ?? 'all'}`)
    gateway.simulator.addFault({ kind: 'silentIq', account: pair.owner, xmlns, times: 1 })
    gateway.simulator.addFault({ kind: 'drop', account: pair.owner })
    await until(() => gateway.simulator.faults().some(({ kind, account, struck }) => kind === 'silentIq' && account === pair.owner && struck === 1), 'the unanswered query', RECONNECT_MS)
    expect(await gateway.session(pair.id)).toMatchObject({ isLoggedIn: false })
    await pair.receive('theirs')
    expect((await pair.send('mine')).status).toBe(202)
    await until(async () => (await pair.listed()).some(({ fromMe }) => !fromMe), 'their message', PATIENCE_MS)
    await pair.lists(['theirs'])
    await pair.delivers(['mine'])
    const { state, stateSince } = await gateway.session(pair.id)
    expect(state).toBe('open')
    // Nothing was said before the login was over.
    const mine = (await pair.listed()).find(({ text }) => text === 'mine')
    expect(Date.parse(mine?.stateTimes?.sendingAt ?? '')).toBeGreaterThanOrEqual(Date.parse(stateSince))
  }, PATIENCE_MS)

  it('linking: a code is shown all the same, and the session can be removed', async () => {
    const pair = newPair(gateway, 'linking')
    const start = await gateway.call<{ status: string }>('POST', `/sessions/${pair.id}`)
    expect(start.body.status).toBe('qr')
    const removed = await gateway.call('DELETE', `/sessions/${pair.id}`)
    expect(removed.status).toBe(200)
    expect(problem(await gateway.call('GET', `/sessions/${pair.id}`)).code).toBe('SESSION_NOT_FOUND')
  })
})
