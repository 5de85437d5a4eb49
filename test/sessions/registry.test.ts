import { expect, it } from 'vitest'
import { sessionRegistry } from '../../src/sessions/registry.ts'
import { Fenced } from '../../src/store/faults.ts'
import { openMemory } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'

/** The same store, to be changed in a part. */
const fromStore = (store: Store): Store => ({ ...store, onTold: (id, listener) => store.onTold(id, listener), commit: (id, changes) => store.commit(id, changes), close: () => store.close() })

it('shows a session whose change the store could not take as store_error, until the next one is stored', async () => {
  const sessions = sessionRegistry(openMemory())
  await sessions.create('one')
  await sessions.update('one', { state: 'starting', wanted: true })
  await sessions.update('one', { state: 'open', linked: true })
  const seen = sessions.waitFor('one', ({ state }) => state === 'store_error', 5000)

  sessions.failed('one', 'the disk is full')
  expect(await sessions.require('one')).toMatchObject({ state: 'store_error', reason: 'the disk is full', linked: true })
  expect((await sessions.page({ limit: 10, cursor: null })).rows[0]).toMatchObject({ id: 'one', state: 'store_error' })
  expect(await seen).toMatchObject({ state: 'store_error' })

  expect(await sessions.update('one', { state: 'reconnecting', reason: 'the store works again' })).toMatchObject({ state: 'reconnecting' })
  expect(await sessions.get('one')).toMatchObject({ state: 'reconnecting', reason: 'the store works again', linked: true })
})

it('stores nothing for a session that another node has by now, not even what was asked for before', async () => {
  const store = openMemory()
  const fences: (string | undefined)[] = []
  let fence: string | null = 'first'
  const sessions = sessionRegistry({ ...fromStore(store), commit: (id, changes, under) => (fences.push(under), store.commit(id, changes)) }, () => fence)
  await sessions.create('one')
  const asked = sessions.update('one', { state: 'starting', wanted: true })
  fence = 'second'
  await asked
  fence = null
  await expect(sessions.update('one', { state: 'stopped' })).rejects.toThrow(Fenced)
  expect(fences).toEqual(['first', 'first'])
})

it('forgets that a removed session had failed', async () => {
  const sessions = sessionRegistry(openMemory())
  await sessions.create('one')
  sessions.failed('one', 'the disk is full')
  await sessions.remove('one')
  expect(await sessions.get('one')).toBeNull()
  expect(await sessions.create('one')).toMatchObject({ state: 'stopped', reason: null })
})

it.each(['error', 'newListener'])('takes a session that is called %s for a session', async (id) => {
  const sessions = sessionRegistry(openMemory())
  expect(await sessions.create(id)).toMatchObject({ id, state: 'stopped' })
  const seen = sessions.waitFor(id, ({ state }) => state === 'starting', 5000)
  await sessions.update(id, { state: 'starting', wanted: true })
  expect(await seen).toMatchObject({ state: 'starting' })
  await sessions.remove(id)
})
