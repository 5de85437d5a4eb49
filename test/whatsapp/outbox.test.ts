import { EventEmitter } from 'node:events'
import type { WASocket } from '@whiskeysockets/baileys'
import { pino } from 'pino'
import { expect, it, vi } from 'vitest'
import type { SessionRow } from '../../src/store/store.ts'
import { openMemory } from '../../src/store/memory.ts'
import { writeBehind } from '../../src/whatsapp/guard/write-behind.ts'
import { sessionOutbox } from '../../src/whatsapp/outbox.ts'
import { until } from '../support/wait.ts'

const GROUP = '120363000000000001@g.us'
const SESSION: SessionRow = { id: 's', state: 'open', reason: null, stateSince: '2026-01-01T00:00:00.000Z', linked: true, wanted: true, user: null, createdAt: '2026-01-01T00:00:00.000Z', secret: 'secret' }

it('a group message that may be lost with its link goes again with the key of the group', async () => {
  const store = openMemory()
  await store.commit('s', [{ kind: 'session.put', session: SESSION }])
  const outbox = sessionOutbox('s', store, pino({ level: 'silent' }))
  const done: string[] = []
  /** A socket that takes every message and never hears an ack. */
  const connect = (name: string): void => {
    const socket = {
      ws: new EventEmitter(),
      authState: { keys: { set: async (keys: object) => void done.push(`${name} ${JSON.stringify(keys)}`) } },
      groupMetadata: async () => ({ id: GROUP }),
      relayMessage: async () => void done.push(`${name} relays`),
    }
    outbox.open(socket as unknown as WASocket, writeBehind(store, 's', () => undefined), { store, onFault: () => undefined, doubt: async () => undefined })
  }

  connect('first')
  await outbox.accept(SESSION, GROUP, { type: 'text', text: 'hello' }, null)
  await until(() => done.length === 1)
  outbox.close()
  connect('second')
  await until(() => done.length === 3)
  outbox.close()
  expect(done).toEqual(['first relays', `second {"sender-key-memory":{"${GROUP}":null}}`, 'second relays'])
})

it('a send without an ack restarts its socket, and nothing else', async () => {
  const store = openMemory()
  await store.commit('s', [{ kind: 'session.put', session: SESSION }])
  const outbox = sessionOutbox('s', store, pino({ level: 'silent' }))
  const relayed: string[] = []
  const faults: string[] = []
  const ws = new EventEmitter()
  const socket = {
    ws,
    authState: { keys: { set: async () => undefined } },
    groupMetadata: async () => ({ id: GROUP }),
    relayMessage: async (_chat: string, _content: object, { messageId }: { messageId: string }) => void relayed.push(messageId),
  }
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  try {
    outbox.open(socket as unknown as WASocket, writeBehind(store, 's', () => undefined), { store, onFault: (error) => void faults.push(error.message), doubt: async () => undefined })
    const answered = await outbox.accept(SESSION, GROUP, { type: 'text', text: 'one' }, null)
    await outbox.accept(SESSION, GROUP, { type: 'text', text: 'two' }, null)
    await vi.waitFor(() => expect(relayed).toHaveLength(2))
    ws.emit('CB:ack,class:message', { tag: 'ack', attrs: { id: answered.message.id } })
    await vi.waitFor(async () => expect(await store.outbox.count('s')).toBe(1))
    await vi.advanceTimersByTimeAsync(91_000)
    expect(faults).toEqual(['a send made no progress'])
    expect(await store.outbox.count('s')).toBe(1)
  } finally {
    outbox.close()
    vi.useRealTimers()
  }
})
