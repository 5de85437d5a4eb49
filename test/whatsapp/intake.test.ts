import { EventEmitter } from 'node:events'
import { makeEventBuffer, type WASocket } from '@whiskeysockets/baileys'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { openMemory } from '../../src/store/memory.ts'
import { echoes } from '../../src/whatsapp/guard/echoes.ts'
import { writeBehind } from '../../src/whatsapp/guard/write-behind.ts'
import { startIntake, type Intake } from '../../src/whatsapp/intake.ts'
import { translation } from '../../src/whatsapp/translation.ts'
import { until } from '../support/wait.ts'

const logger = pino({ level: 'silent' })
const ANA = '15550000001@s.whatsapp.net'
/** Baileys itself lets go after half a minute. */
const SOON_MS = 5000

/** An intake over Baileys' own event buffer. */
function listen() {
  const store = openMemory()
  const ev = makeEventBuffer(logger)
  const socket = { ev, ws: new EventEmitter(), signalRepository: { lidMapping: { storeLIDPNMappings: async () => undefined } } } as unknown as WASocket
  const words = translation({ sessionId: 's', store, own: () => ({ phone: null, lid: null }), sentTo: () => null, live: () => undefined })
  const faults: Error[] = []
  const intake: Intake = startIntake({ sessionId: 's', socket, writes: writeBehind(store, 's', (error) => void faults.push(error)), translation: words, log: logger, echoes: echoes(), onFault: (error) => void faults.push(error) })
  return { store, ev, intake, faults }
}

it('what Baileys holds back is taken soon all the same', async () => {
  const { store, ev, intake, faults } = listen()
  ev.buffer()
  ev.emit('contacts.upsert', [{ id: ANA, name: 'Ana' }])
  const found = await until(async () => (await store.contacts.get('s', [ANA])).get(ANA), 'the contact', SOON_MS)
  expect(found).toMatchObject({ name: 'Ana' })
  await intake.drain()
  expect(faults).toEqual([])
})
