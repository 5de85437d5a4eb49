import { afterEach, beforeEach, expect, it } from 'vitest'
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { linkClient, type Client } from '../support/client.ts'
import { until } from '../support/wait.ts'

const ADA = '15550100001'
const CARL = '15550200001'

let simulator: Simulator
const clients: Client[] = []
beforeEach(async () => {
  simulator = await startSimulator()
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()))
  await simulator.close()
})

it('forgets everybody but itself, tells linked clients, and begins anew', async () => {
  const ada = await linkClient(simulator, { phone: ADA, name: 'Ada' })
  clients.push(ada)
  simulator.addContact({ phone: CARL, name: 'Carl' })
  await simulator.say(CARL, { to: ADA, type: 'text', text: 'before' })
  simulator.addFault({ kind: 'ackError', account: ADA })
  const { rootKey, wsUrl } = simulator.manifest()
  simulator.reset()
  await until(() => ada.closes.at(-1) === 401, 'the news')
  expect(simulator.manifest()).toEqual({
    rootKey, wsUrl, mediaUrl: simulator.mediaUrl, accounts: [], contacts: [], groups: [], unknownStanzas: [],
  })
  expect(simulator.faults()).toEqual([])
  const again = await linkClient(simulator, { phone: ADA, name: 'Ada again' })
  clients.push(again)
  await simulator.say(CARL, { to: ADA, type: 'text', text: 'after' })
  await again.message((message) => message.message?.conversation === 'after')
  expect(simulator.manifest().accounts).toMatchObject([{ phone: ADA, name: 'Ada again', devices: [{ id: 1 }] }])
})
