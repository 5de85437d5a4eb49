import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect } from '../../../src/store/sqlite/connection.ts'
import { startGateway, type Gateway } from '../../support/gateway.ts'
import { closeKnown, linkedPair } from './scene.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => closeKnown(gateway))

/** What a table of the gateway's file holds of a session, `type id: value`. */
function keysIn(table: 'auth' | 'archived_auth', session: string): string[] {
  const db = connect(join(gateway.dataDir, 'store.db'))
  try {
    return db.query<[type: string, id: string, value: string]>(`SELECT type, id, value FROM ${table} WHERE session = ? ORDER BY type, id`).all(session).map(([type, id, value]) => `${type} ${id}: ${value}`)
  } finally {
    db.close()
  }
}

it('a link that the phone removed leaves its credentials and keys aside, for nobody to use', async () => {
  const pair = await linkedPair(gateway, 'over')
  const identity = /"signedIdentityKey":\{[^}]*\}[^}]*\}\}/.exec(keysIn('auth', 'over').find((key) => key.startsWith('creds')) ?? '')?.[0]
  expect(identity).toContain('private')
  gateway.simulator.unlink(pair.owner)
  await gateway.state('over', 'logged_out')
  expect(keysIn('auth', 'over')).toEqual([])
  const aside = keysIn('archived_auth', 'over')
  expect(aside.find((key) => key.startsWith('creds'))).toContain(identity)
  expect(aside.filter((key) => key.startsWith('pre-key')).length).toBeGreaterThan(100)
})
