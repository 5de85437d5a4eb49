import { afterEach, beforeEach } from 'vitest'
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import type { Account } from '../../src/simulator/world/accounts.ts'
import { linkClient, type Client } from './client.ts'

/** A simulator for each test, and the real clients linked to it; a stanza it does not know fails the test. */
export type Town = {
  readonly simulator: Simulator
  /** Links an unmodified client to the phone. */
  link(phone: string, name: string): Promise<Client>
  account(phone: string): Account
  /** `<lid>@lid` of a phone. */
  lid(phone: string): string
}

/** `<phone>@s.whatsapp.net`. */
export const jid = (phone: string): string => `${phone}@s.whatsapp.net`

/** Starts a simulator before each test of the file and ends it, with its clients, after. */
export const useTown = (): Town => {
  let simulator: Simulator | undefined
  const clients: Client[] = []
  const running = (): Simulator => {
    if (simulator === undefined) throw new Error('no simulator runs outside a test')
    return simulator
  }
  beforeEach(async () => {
    simulator = await startSimulator()
  })
  afterEach(async () => {
    const unknown = running().manifest().unknownStanzas
    await Promise.all(clients.splice(0).map(async (client) => client.end()))
    await running().close()
    if (unknown.length > 0) throw new Error(`the simulator met stanzas it does not know: ${JSON.stringify(unknown)}`)
  })
  const account = (phone: string): Account => running().world.accounts.ensure({ phone })
  return {
    get simulator() {
      return running()
    },
    link: async (phone, name) => {
      const client = await linkClient(running(), { phone, name })
      clients.push(client)
      return client
    },
    account,
    lid: (phone) => running().world.accounts.lidOf(account(phone)),
  }
}
