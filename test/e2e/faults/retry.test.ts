import { afterAll, beforeAll, expect, it } from 'vitest'
import { startGateway, type Gateway } from '../../support/gateway.ts'
import { until } from '../../support/wait.ts'
import { closeKnown, linkedPair, RECONNECT_MS } from './scene.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => closeKnown(gateway))

it('a contact who could not read a message gets it again, after a restart of the connection too', async () => {
  const pair = await linkedPair(gateway, 'again')
  const { world } = gateway.simulator
  const sent = await pair.send('once more, please')
  await pair.delivers(['once more, please'])
  await gateway.call('POST', `/sessions/${pair.id}/restart`)
  const wire = await until(() => [...world.connections.values()].find(({ account, isActive }) => account.phone === pair.owner && isActive), 'the connection', RECONNECT_MS)

  const contact = world.accounts.byPhone(pair.contact)
  if (!contact) throw new Error('the contact is unknown')
  const registration = Buffer.alloc(4)
  registration.writeUInt32BE(world.signals.of(contact.phoneDevice).keys().registrationId)
  const id = sent.body.messageId
  const t = String(Math.floor(Date.now() / 1000))
  wire.send({ tag: 'receipt', attrs: { from: world.accounts.lidOf(contact), id, type: 'retry', t }, content: [
    { tag: 'retry', attrs: { count: '1', id, t, v: '1' } },
    { tag: 'registration', attrs: {}, content: registration },
  ] })
  await until(() => pair.arrivals()[0]?.copies === 2, 'the second copy', RECONNECT_MS)
  expect(pair.arrivals()).toMatchObject([{ id, text: 'once more, please', copies: 2, undecryptable: 0 }])
  expect((await pair.listed()).map((message) => message.text)).toEqual(['once more, please'])
})
