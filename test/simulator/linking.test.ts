import { afterEach, beforeEach, expect, it } from 'vitest'
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { linkClient, type Client } from '../support/client.ts'
import { until } from '../support/wait.ts'

let simulator: Simulator
const clients: Client[] = []

beforeEach(async () => {
  simulator = await startSimulator()
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()))
  await simulator.close()
})

it('links an unmodified client by QR, lets it log in and brings it its name and settings key', async () => {
  const client = await linkClient(simulator, { phone: '15550100001', name: 'Ada' })
  clients.push(client)
  expect(client.closes).toEqual([515])
  expect(client.state.creds.me?.name).toBe('Ada')
  await until(() => client.state.creds.myAppStateKeyId, 'the settings key')
  await client.event('messaging-history.set')
  expect(simulator.world.unknown.list()).toEqual([])
})
