import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { Message } from '../../../schemas/message.ts'
import { keysOf } from '../../../src/store/redis/keys.ts'
import { connect } from '../../../src/store/sqlite/connection.ts'
import { message } from '../../conformance/store/rows.ts'
import { startGateway, type Gateway } from '../../support/gateway.ts'
import { openLeft } from '../../support/left-store.ts'
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
  const texts = ['one', 'two', 'three']
  for (const text of texts) await pair.receive(text)
  await pair.lists(texts)
  await until(async () => (await journaled(gateway, pair.id)) === 0, 'the journal to forget')
  expect(await journaled(gateway, pair.id)).toBe(0)
})

/** Rows of messages; notices of the own phone are kept until they were processed again. */
async function journaled({ app, dataDir }: Gateway, sessionId: string): Promise<number> {
  if (app.config.redis !== null) {
    const { journal, journalOpen } = keysOf(app.config.redis.prefix).session(sessionId)
    return (await app.redis.hlen(journal)) - (await app.redis.zcard(journalOpen))
  }
  const db = connect(join(dataDir, 'store.db'))
  try {
    return db.query<[number]>('SELECT count(*) FROM journal WHERE open IS NULL').get()?.[0] ?? -1
  } finally {
    db.close()
  }
}

it('a send that waited too long while nothing ran is given up at the start, with the time', async () => {
  gateway = await startGateway()
  const pair = await linkedPair(gateway, 'late')
  await gateway.call('POST', '/sessions/late/stop')
  await gateway.stop()
  const store = await openLeft(gateway.dataDir)
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
