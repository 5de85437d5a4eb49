import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { keysOf, type SessionKeys } from '../../../src/store/redis/keys.ts'
import { connect } from '../../../src/store/sqlite/connection.ts'
import { startGateway, type Gateway } from '../../support/gateway.ts'
import { closeKnown, linkedPair } from './scene.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => closeKnown(gateway))

/** What the gateway's store holds of a session's keys, `type id: value`. */
async function keysIn(table: 'auth' | 'archived_auth', session: string): Promise<string[]> {
  const { redis } = gateway.app.config
  if (redis !== null) return keysInRedis(keysOf(redis.prefix).session(session), table)
  const db = connect(join(gateway.dataDir, 'store.db'))
  try {
    return db.query<[type: string, id: string, value: string]>(`SELECT type, id, value FROM ${table} WHERE session = ? ORDER BY type, id`).all(session).map(([type, id, value]) => `${type} ${id}: ${value}`)
  } finally {
    db.close()
  }
}

async function keysInRedis(keys: SessionKeys, table: 'auth' | 'archived_auth'): Promise<string[]> {
  const { redis } = gateway.app
  if (table === 'archived_auth') {
    const aside = Object.entries(await redis.hgetall(keys.archive))
    return aside.map(([name, stored]) => `${(JSON.parse(name) as string[]).join(' ')}: ${(JSON.parse(stored) as { value: string }).value}`)
  }
  const found = await Promise.all((await redis.hkeys(keys.authTypes)).map(async (type) => Object.entries(await redis.hgetall(keys.auth(type))).map(([id, value]) => `${type} ${id}: ${value}`)))
  return found.flat().toSorted()
}

it('a link that the phone removed leaves its credentials and keys aside, for nobody to use', async () => {
  const pair = await linkedPair(gateway, 'over')
  const identity = /"signedIdentityKey":\{[^}]*\}[^}]*\}\}/.exec((await keysIn('auth', 'over')).find((key) => key.startsWith('creds')) ?? '')?.[0]
  expect(identity).toContain('private')
  gateway.simulator.unlink(pair.owner)
  await gateway.state('over', 'logged_out')
  expect(await keysIn('auth', 'over')).toEqual([])
  const aside = await keysIn('archived_auth', 'over')
  expect(aside.find((key) => key.startsWith('creds'))).toContain(identity)
  expect(aside.filter((key) => key.startsWith('pre-key')).length).toBeGreaterThan(100)
})
