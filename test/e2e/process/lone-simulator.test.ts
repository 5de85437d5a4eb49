import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { linkClient, type Client } from '../../support/client.ts'
import { startLoneSimulator, type LoneSimulator } from '../../support/lone-simulator.ts'
import { until } from '../../support/wait.ts'

const ADA = '34600000001'
const LOLA = '34600000009'

const running: LoneSimulator[] = []
const clients: Client[] = []
const folders: string[] = []
const start = async (env: Record<string, string> = {}): Promise<LoneSimulator> => {
  const simulator = await startLoneSimulator(env)
  running.push(simulator)
  return simulator
}
const folder = async (): Promise<string> => {
  const made = await mkdtemp(join(tmpdir(), 'puente-lone-'))
  folders.push(made)
  return made
}
afterEach(async () => {
  await Promise.all(clients.splice(0).map(async (client) => client.end()))
  await Promise.all(running.splice(0).map(async (simulator) => simulator.stop('SIGKILL')))
  await Promise.all(folders.splice(0).map(async (made) => rm(made, { recursive: true, force: true })))
})

const freePort = async (): Promise<number> => new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const address = probe.address()
    probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
  })
})

describe('a simulator alone in a process', () => {
  it('takes its control port from PORT, speaks on loopback only, and ends cleanly', async () => {
    const port = await freePort()
    const simulator = await start({ PORT: String(port) })
    expect(simulator.controlUrl).toBe(`http://127.0.0.1:${port}`)
    expect([simulator.wsUrl, simulator.mediaUrl].map((url) => new URL(url).hostname)).toEqual(['127.0.0.1', '127.0.0.1'])
    expect(await simulator.control('GET', '/sandbox')).toMatchObject({ wsUrl: simulator.wsUrl, mediaUrl: simulator.mediaUrl, controlUrl: simulator.controlUrl })
    expect(await simulator.stop('SIGTERM')).toBe(0)
    expect(await (await start()).stop('SIGINT')).toBe(0)
  })

  it('keeps its world, its ports and its identity over kill -9, and clients come back by themselves', async () => {
    const DATA_DIR = await folder()
    const before = await start({ DATA_DIR })
    const ada = await linkClient(before, { phone: ADA, name: 'Ada' })
    clients.push(ada)
    await before.control('POST', '/sandbox/contacts', { phone: LOLA, name: 'Lola' })
    const { id: group } = await before.control<{ id: string }>('POST', '/sandbox/groups', { subject: 'Trip', participants: [LOLA, ADA] })
    await ada.event('groups.upsert')
    const { rootKey } = await before.control<{ rootKey: string }>('GET', '/sandbox')
    await before.stop('SIGKILL')
    await until(() => !ada.isOpen, 'the client to notice')
    const after = await start({ DATA_DIR })
    expect([after.wsUrl, after.mediaUrl]).toEqual([before.wsUrl, before.mediaUrl])
    expect(await after.control('GET', '/sandbox')).toMatchObject({ rootKey, accounts: [{ phone: ADA, name: 'Ada' }], contacts: [{ phone: LOLA }], groups: [{ id: group, subject: 'Trip' }] })
    const { id } = await after.control<{ id: string }>('POST', `/sandbox/contacts/${LOLA}/messages`, { to: group, type: 'text', text: 'still there?' })
    ada.connect()
    expect((await ada.message(({ key, message }) => key.id === id && Boolean(message))).message?.conversation).toBe('still there?')
    expect(await after.control<{ unknownStanzas: unknown[] }>('GET', '/sandbox')).toMatchObject({ unknownStanzas: [] })
  })

  it('says in words why it cannot start', async () => {
    await expect(start({ PORT: 'many' })).rejects.toThrow('not the line it should be')
  })
})
