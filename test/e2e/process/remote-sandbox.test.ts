import { afterEach, expect, it } from 'vitest'
import { startGateway, type Gateway } from '../../support/gateway.ts'
import { startLoneSimulator, type LoneSimulator } from '../../support/lone-simulator.ts'

const ADA = '34600000001'
const LOLA = '34600000009'

let simulator: LoneSimulator | undefined
let gateway: Gateway | undefined
afterEach(async () => {
  await gateway?.close()
  await simulator?.stop()
})

it('a gateway uses a simulator that runs elsewhere, and its own sandbox routes lead there', async () => {
  simulator = await startLoneSimulator()
  gateway = await startGateway({ SANDBOX: simulator.controlUrl })
  const state = await gateway.call<{ wsUrl: string; controlUrl: string }>('GET', '/sandbox')
  expect([state.status, state.body]).toMatchObject([200, { wsUrl: simulator.wsUrl, controlUrl: simulator.controlUrl }])

  await gateway.call('POST', '/sessions/one')
  const { qr } = (await gateway.call<{ qr: string }>('GET', '/sessions/one/qr?wait=10')).body
  const linked = await gateway.call('POST', '/sandbox/scan', { body: { qr, phone: `+${ADA}`, name: 'Ada' } })
  expect([linked.status, linked.body]).toEqual([200, { account: ADA, device: 1 }])
  await gateway.state('one', 'open')

  const contact = await gateway.call('POST', '/sandbox/contacts', { body: { phone: LOLA, name: 'Lola' } })
  expect([contact.status, contact.body]).toMatchObject([200, { phone: LOLA, name: 'Lola' }])
  const written = await gateway.call<{ id: string }>('POST', `/sandbox/contacts/${LOLA}/messages`, { body: { to: ADA, type: 'text', text: 'from afar' } })
  expect(written.status).toBe(201)
  expect((await gateway.message('one', LOLA, ({ id }) => id === written.body.id)).text).toBe('from afar')

  expect((await gateway.call('POST', `/sandbox/contacts/${LOLA}/presence`, { body: { state: 'available' } })).status).toBe(204)
  const unknown = await gateway.call('POST', '/sandbox/scan', { body: { qr: 'nobody shows this' } })
  expect([unknown.status, unknown.headers.get('content-type'), unknown.body]).toMatchObject([404, expect.stringMatching(/^application\/problem\+json/), { code: 'SANDBOX_TARGET_NOT_FOUND' }])
  expect((await gateway.call<{ unknownStanzas: unknown[] }>('GET', '/sandbox')).body.unknownStanzas).toEqual([])
}, 60_000)
