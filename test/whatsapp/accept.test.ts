import { EventEmitter } from 'node:events'
import { setImmediate as breathe } from 'node:timers/promises'
import type { WASocket } from '@whiskeysockets/baileys'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Problem } from '../../src/errors.ts'
import { openMemory } from '../../src/store/memory.ts'
import type { SessionRow, Store } from '../../src/store/store.ts'
import { writeBehind } from '../../src/whatsapp/guard/write-behind.ts'
import { sessionOutbox, type Outbox } from '../../src/whatsapp/outbox.ts'
import { until } from '../support/wait.ts'

const ANA = '15550000001@s.whatsapp.net'
const BEN = '15550000002@s.whatsapp.net'
const SESSION: SessionRow = { id: 's', state: 'open', reason: null, stateSince: '2026-01-01T00:00:00.000Z', linked: true, wanted: true, user: null, createdAt: '2026-01-01T00:00:00.000Z', secret: 'secret' }
const HOUR_MS = 3_600_000

let store: Store
let outbox: Outbox
let ws: EventEmitter
let relayed: string[]
/** What a relay waits for before it is done. */
let gate: Promise<void>
let begun: number

/** A socket to which everybody has a device; it takes every message, and acks are up to the test. */
function open(): void {
  const socket = {
    ws,
    getUSyncDevices: async ([jid = '']: string[]) => [{ user: jid.split('@')[0], device: 0 }],
    relayMessage: async (_chat: string, _content: object, { messageId }: { messageId: string }) => {
      begun += 1
      if (begun === 1) await gate
      relayed.push(messageId)
    },
  }
  outbox.open(socket as unknown as WASocket, writeBehind(store, 's', () => undefined), { store, onFault: () => undefined, doubt: async () => undefined })
}

const ack = (id: string, error?: string): void => void ws.emit('CB:ack,class:message', { tag: 'ack', attrs: { id, ...(error === undefined ? {} : { error }) } })
const accept = async (chatId: string, text: string, key: string | null = null): Promise<string> => (await outbox.accept(SESSION, chatId, { type: 'text', text }, key)).message.id
const codeOf = (error: unknown): string => (error instanceof Problem ? error.code : String(error))

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  ;[store, ws, relayed, gate, begun] = [openMemory(), new EventEmitter(), [], Promise.resolve(), 0]
  await store.commit('s', [{ kind: 'session.put', session: SESSION }])
  outbox = sessionOutbox('s', store, pino({ level: 'silent' }))
})
afterEach(() => {
  outbox.close()
  vi.useRealTimers()
})

it('of two bodies that come at once under one key, one is taken, and everybody hears of that one', async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, async (_, place) => {
    const text = place % 2 === 0 ? 'heads' : 'tails'
    return accept(ANA, text, 'the key').then((id) => ({ text, told: id }), (error: unknown) => ({ text, told: codeOf(error) }))
  }))
  const [{ id } = { id: '' }] = await store.outbox.pending('s', 0, 10)
  expect(answers).toEqual(answers.map(({ text }) => ({ text, told: text === 'heads' ? id : 'IDEMPOTENCY_KEY_REUSED' })))
  expect(await store.outbox.count('s')).toBe(1)
})

it('nobody is told of a send before it is durable, whoever asks under its key', async () => {
  let finish: () => void = () => undefined
  const disk = new Promise<void>((resolve) => (finish = resolve))
  const memory = store
  const slow: Store = Object.assign(Object.create(memory) as Store, {
    commit: async (...commit: Parameters<Store['commit']>) => {
      const written = memory.commit(...commit)
      await disk
      return written
    },
  })
  outbox = sessionOutbox('s', slow, pino({ level: 'silent' }))
  const told: string[] = []
  const answers = ['first', 'again'].map(async () => {
    told.push(await accept(ANA, 'hello', 'the key'))
  })
  await until(async () => (await memory.outbox.count('s')) === 1)
  for (let turn = 0; turn < 20; turn += 1) await breathe()
  expect(told).toEqual([])
  finish()
  await Promise.all(answers)
  expect(new Set(told).size).toBe(1)
})

it('sends of a chat go one after the other, whatever each takes', async () => {
  let finish: () => void = () => undefined
  gate = new Promise((resolve) => (finish = resolve))
  open()
  const first = await accept(ANA, 'first')
  await until(() => begun === 1)
  const second = await accept(ANA, 'second')
  // All that could begin meanwhile has begun.
  for (let turn = 0; turn < 20; turn += 1) await breathe()
  expect(begun).toBe(1)
  finish()
  await until(() => relayed.length === 2)
  expect(relayed).toEqual([first, second])
})

it('after a 463 no new chat is begun for an hour; known chats go on, and nothing goes again by itself', async () => {
  open()
  const locked = await accept(ANA, 'the first word')
  await until(() => relayed.length === 1)
  ack(locked, '463')
  expect(await outbox.outcome(locked, 5000)).toMatchObject({ kind: 'failed' })
  expect(await store.messages.own('s', locked)).toMatchObject({ state: 'failed', error: expect.stringContaining('463') })

  await expect(accept(BEN, 'another first word').catch((error: unknown) => Promise.reject(new Error(codeOf(error))))).rejects.toThrow('NEW_CHATS_PAUSED')
  const known = await accept(ANA, 'more')
  await until(() => relayed.includes(known))
  ack(known)
  expect(await outbox.outcome(known, 5000)).toEqual({ kind: 'sent' })
  outbox.close()
  open()
  vi.setSystemTime(Date.now() + HOUR_MS + 1000)
  const later = await accept(BEN, 'another first word')
  await until(() => relayed.includes(later))
  expect(relayed).toEqual([locked, known, later])
})

it('a send that waited an hour for a connection is given up, by itself or when its turn comes', async () => {
  const first = await accept(ANA, 'in time?')
  vi.setSystemTime(Date.now() + HOUR_MS + 1000)
  await outbox.expire()
  expect(await outbox.outcome(first, 1)).toMatchObject({ kind: 'failed' })
  const second = await accept(ANA, 'in time now?')
  vi.setSystemTime(Date.now() + HOUR_MS + 1000)
  const third = await accept(ANA, 'surely in time')
  open()
  await until(() => relayed.length > 0)
  expect(relayed).toEqual([third])
  for (const id of [first, second]) expect(await store.messages.own('s', id)).toMatchObject({ state: 'expired' })
})
