import { EventEmitter } from 'node:events'
import type { BinaryNode, WASocket } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { openMemory } from '../../../src/store/memory.ts'
import { watchDevices } from '../../../src/whatsapp/guard/device-watch.ts'
import { group } from '../../conformance/store/rows.ts'
import { until } from '../../support/wait.ts'

const GROUP = '120363000000000001@g.us'

/** A watched socket of the account 100 (LID 900), member of a group. */
async function watched() {
  const store = openMemory()
  await store.commit('s', [{ kind: 'group.put', group: group({ id: GROUP, raw: JSON.stringify({ participants: [{ id: '71@lid' }, { id: '72:3@lid' }] }) }) }])
  const ws = new EventEmitter()
  const forgotten: string[][] = []
  const socket = { ws, authState: { creds: { me: { id: '100:5@s.whatsapp.net', lid: '900:5@lid' } } } } as unknown as WASocket
  const watch = watchDevices(socket, { sessionId: 's', store, forget: (users) => forgotten.push([...users]), onFault: (error) => { throw error } })
  const ack = (attrs: Record<string, string>): boolean => ws.emit('CB:ack,class:message', { tag: 'ack', attrs: { class: 'message', id: 'A', ...attrs } } satisfies BinaryNode)
  const sync = (tag: string): boolean => ws.emit('CB:notification,type:account_sync', { tag: 'notification', attrs: { from: '100@s.whatsapp.net' }, content: [{ tag, attrs: {} }] } satisfies BinaryNode)
  return { watch, forgotten, ack, sync }
}

describe('watchDevices', () => {
  it('an ack that names other recipients makes the next send ask again, once in a while', async () => {
    const { ack, forgotten } = await watched()
    ack({ from: '55@s.whatsapp.net' })
    ack({ from: '55@s.whatsapp.net', error: '463' })
    expect(forgotten).toEqual([])
    ack({ from: '55@s.whatsapp.net', phash: '2:abc' })
    ack({ from: '55@s.whatsapp.net', phash: '2:abc' })
    expect(forgotten).toEqual([['55', '100', '900']])
    ack({ from: '56@lid', error: '479' })
    expect(forgotten.slice(1)).toEqual([['56', '100', '900']])
  })

  it('in a group it is asked for every member, as the group is addressed', async () => {
    const { ack, forgotten } = await watched()
    ack({ from: GROUP, phash: '2:abc' })
    await until(() => forgotten.length > 0)
    expect(forgotten).toEqual([['71', '72']])
  })

  it('a change of the own devices is noticed', async () => {
    const { sync, forgotten } = await watched()
    sync('privacy')
    expect(forgotten).toEqual([])
    sync('devices')
    expect(forgotten).toEqual([['100', '900']])
  })

  it('a send that could not be prepared is a reason to ask again', async () => {
    const { watch, forgotten } = await watched()
    await watch.doubt('55@s.whatsapp.net')
    await watch.doubt('55@s.whatsapp.net')
    await watch.doubt('120363000000000009@g.us')
    expect(forgotten).toEqual([['55', '100', '900']])
  })
})
