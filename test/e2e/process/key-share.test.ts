import { BufferJSON, type AuthenticationCreds } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { mortalGateway, type Mortal } from '../../faults/gateway.ts'
import { openLeft } from '../../support/left-store.ts'
import { startLoneSimulator, type LoneSimulator } from '../../support/lone-simulator.ts'
import { tempFolder } from '../../support/temp.ts'
import { assertNothingUnknown } from '../../support/unknown-stanzas.ts'
import { until } from '../../support/wait.ts'

const ID = 'one'
const LINKED_MS = 60_000
const PATIENCE_MS = 120_000

let simulator: LoneSimulator
beforeAll(async () => {
  simulator = await startLoneSimulator()
})
afterAll(async () => {
  const manifest = await simulator.control<{ unknownStanzas: { what: string; count: number }[] }>('GET', '/sandbox')
  await simulator.stop()
  assertNothingUnknown(manifest)
})

/** How many stanzas wait at the server for the devices of a phone. */
async function pendingOf(phone: string): Promise<number> {
  const { accounts } = await simulator.control<{ accounts: { phone: string; devices: { pending: number }[] }[] }>('GET', '/sandbox')
  return accounts.filter((account) => account.phone === phone).flatMap(({ devices }) => devices).reduce((sum, { pending }) => sum + pending, 0)
}

/** What a gateway that is gone has left: the id of its newest settings key, whether that key is stored, and how many notices are kept to be processed. */
async function left(dataDir: string): Promise<{ keyId: string | undefined; hasKey: boolean; open: number }> {
  const store = await openLeft(dataDir)
  try {
    const text = (await store.auth.get(ID, 'creds', [''])).get('') ?? '{}'
    const { myAppStateKeyId: keyId } = JSON.parse(text, BufferJSON.reviver) as Partial<AuthenticationCreds>
    const stored = (await store.auth.get(ID, 'app-state-sync-key', [keyId ?? ''])).get(keyId ?? '') ?? '{}'
    return { keyId, hasKey: (JSON.parse(stored) as { keyData?: string }).keyData !== undefined, open: (await store.journal.open(ID)).length }
  } finally {
    await store.close()
  }
}

async function link(gateway: Mortal, phone: string): Promise<void> {
  await gateway.call('POST', `/sessions/${ID}?wait=25`)
  const { body } = await gateway.call('GET', `/sessions/${ID}/qr?wait=25`)
  await simulator.scan(String(body['qr']), { phone })
}

// The first notice of the own phone is the share of the key: counted from the moment its commit is on its way.
it.each([
  ['peer/commit:before:1', false],
  ['peer/commit:after:1', true],
  ['peer/frame:before:1', true],
])('dies at %s: the shared key is there with its ratchet step, or comes again', async (point, kept) => {
  const dataDir = tempFolder()
  const phone = `1555170${Math.floor(Math.random() * 10_000).toString().padStart(4, '0')}`
  const gateway = mortalGateway({ dataDir, sandbox: simulator.controlUrl })
  onTestFinished(() => gateway.kill())
  await gateway.start({ FAULTS_CRASH: point })
  await link(gateway, phone)
  await gateway.gone(LINKED_MS)
  const found = await left(dataDir)
  expect({ keyId: found.keyId !== undefined, hasKey: found.hasKey, open: found.open > 0 }).toEqual({ keyId: kept, hasKey: kept, open: kept })
  await gateway.start()
  await gateway.allOpen([ID], LINKED_MS)
  await until(async () => (await pendingOf(phone)) === 0, 'what waited for the device to be taken')
  await gateway.stop()
  const after = await left(dataDir)
  expect([after.hasKey, after.keyId]).toEqual([true, found.keyId ?? after.keyId])
}, PATIENCE_MS)
