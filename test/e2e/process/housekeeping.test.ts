import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { Message } from '../../../schemas/message.ts'
import { connect } from '../../../src/store/sqlite/connection.ts'
import { openStore } from '../../../src/store/open.ts'
import { message } from '../../conformance/store/rows.ts'
import { startGateway, type Gateway } from '../../support/gateway.ts'
import { assertNothingUnknown } from '../../support/unknown-stanzas.ts'
import { until } from '../../support/wait.ts'
import { linkedPair } from '../faults/scene.ts'

let gateway: Gateway
afterEach(async () => {
  const manifest = gateway.simulator.manifest()
  await gateway.close()
  assertNothingUnknown(manifest)
})

it('a decrypted ciphertext is forgotten once WhatsApp has acknowledged its receipt', async () => {
  gateway = await startGateway()
  const pair = await linkedPair(gateway, 'reader')
  const db = connect(join(gateway.dataDir, 'store.db'))
  /** Rows of messages; notices of the own phone are kept until they were processed again. */
  const kept = (): number => db.query<[number]>('SELECT count(*) FROM journal WHERE open IS NULL').get()?.[0] ?? -1
  try {
    const texts = ['one', 'two', 'three']
    for (const text of texts) await pair.receive(text)
    await pair.lists(texts)
    await until(() => kept() === 0, 'the journal to forget')
    expect(kept()).toBe(0)
  } finally {
    db.close()
  }
})

it('a send that waited too long while nothing ran is given up at the start, with the time', async () => {
  gateway = await startGateway()
  const pair = await linkedPair(gateway, 'late')
  await gateway.call('POST', '/sessions/late/stop')
  await gateway.stop()
  const store = await openStore({ mode: 'sandbox', dataDir: gateway.dataDir })
  const chatId = `${pair.contact}@s.whatsapp.net`
  const row = message({ chatId, id: '3EB0AA', sender: '', text: 'too late', state: 'queued', stateTimes: { queued: 1_700_000_000_000 } })
  await store.commit('late', [{ kind: 'message.put', message: row }, { kind: 'outbox.put', id: row.id, chatId, content: '{}', acceptedAt: 1, expiresAt: 2 }])
  await store.close()
  const before = Date.now()
  gateway = await startGateway({}, gateway.dataDir)
  const { body } = await gateway.call<Message>('GET', `${pair.chat}/messages/${row.id}`)
  expect(body).toMatchObject({ state: 'expired', error: expect.any(String), stateTimes: { queuedAt: '2023-11-14T22:13:20.000Z', expiredAt: expect.any(String) } })
  expect(Date.parse(body.stateTimes?.expiredAt ?? '')).toBeGreaterThanOrEqual(before)
  expect((await gateway.session('late')).state).toBe('stopped')
})
