import { expect, it } from 'vitest'
import type { StoredEvent } from '../../../schemas/event.ts'
import { startGateway } from '../../support/gateway.ts'
import { startReceiver, type Posted } from '../../support/receiver.ts'
import { until } from '../../support/wait.ts'

const TEST_MS = 60_000
/** What a close waits for answers, and what the rest of it may take. */
const MOST_CLOSE_MS = 3000 + 4000
const OWNER = '34600000001'
const ANA = '34600000002'

const textOf = ({ body }: Posted): string | null => {
  const event = JSON.parse(body) as StoredEvent
  return event.type === 'message.received' ? event.data.message.text : null
}

it('a close waits for answers under way, for a while, and repeats only what was not answered', async () => {
  let answer = (_status: number): void => undefined
  let isSilent = true
  const slow = await startReceiver(() => (isSilent ? new Promise((resolve) => (answer = resolve)) : 200))
  const silent = await startReceiver(() => (isSilent ? new Promise(() => undefined) : 200))

  const first = await startGateway({ WEBHOOK_ALLOW_PRIVATE: 'loopback' })
  await first.link('sales', OWNER)
  for (const { url } of [slow, silent]) await first.call('POST', '/webhooks', { body: { url, events: ['message.received'] } })
  first.simulator.addContact({ phone: ANA, name: 'Ana' })
  await first.simulator.say(ANA, { to: OWNER, type: 'text', text: 'hola' })
  await until(() => slow.waiting() === 1 && silent.waiting() === 1, 'both to be asked')

  const beganMs = Date.now()
  const closing = first.stop()
  // Where the session is given back to others, the webhooks come after its connection.
  await until(async () => first.app.drain.aborted || (await first.app.sessions.get('sales').catch(() => null))?.state === 'reconnecting', 'the close to begin')
  answer(200)
  await closing
  expect(Date.now() - beganMs).toBeLessThan(MOST_CLOSE_MS)

  isSilent = false
  const second = await startGateway({ WEBHOOK_ALLOW_PRIVATE: 'loopback' }, first.dataDir)
  await until(() => silent.posted.some(({ status }) => status === 200), 'what was broken off')
  await second.state('sales', 'open')
  await second.simulator.say(ANA, { to: OWNER, type: 'text', text: 'adios' })
  await until(() => slow.posted.some((posted) => textOf(posted) === 'adios'), 'the next one')
  await second.close()
  expect(slow.posted.map(textOf)).toEqual(['hola', 'adios'])
}, TEST_MS)
