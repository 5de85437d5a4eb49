import type { WASocket } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'
import { openMemory } from '../../../src/store/memory.ts'
import type { Store } from '../../../src/store/store.ts'
import { frameBarrier } from '../../../src/whatsapp/guard/frame-barrier.ts'
import { writeBehind } from '../../../src/whatsapp/guard/write-behind.ts'

/** A store whose commits are durable when the test says so. */
function slowStore(): { readonly store: Store; settle(): void } {
  const open: (() => void)[] = []
  const store = { commit: () => new Promise<void>((resolve) => open.push(resolve)) } as unknown as Store
  return { store, settle: () => open.splice(0).forEach((resolve) => resolve()) }
}

function wired(store: Store, mayReach: () => boolean): { readonly sent: string[]; send(frame: string): void; write(): void } {
  const sent: string[] = []
  const wire = { readyState: 1, _socket: null, send: (data: Uint8Array) => void sent.push(Buffer.from(data).toString()) }
  const writes = writeBehind(store, 's', () => undefined)
  frameBarrier({ ws: { socket: wire } } as unknown as WASocket, writes, mayReach)
  return { sent, send: (frame) => wire.send(Buffer.from(frame)), write: () => writes.write([{ kind: 'chat.touch', id: 'c', timestamp: 1, unread: 0 }]) }
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

it('a frame leaves after the writes before it, and those behind it in their order', async () => {
  const { store, settle } = slowStore()
  const { sent, send, write } = wired(store, () => true)
  send('free')
  write()
  send('first')
  send('second')
  await turns()
  expect(sent).toEqual(['free'])
  settle()
  await turns()
  expect(sent).toEqual(['free', 'first', 'second'])
})

it('no frame leaves once another node may have the session, not even one that waits', async () => {
  const { store, settle } = slowStore()
  let isOurs = true
  const { sent, send, write } = wired(store, () => isOurs)
  send('ours')
  write()
  send('waits')
  isOurs = false
  settle()
  await turns()
  const idle = wired(openMemory(), () => isOurs)
  idle.send('late')
  expect([sent, idle.sent]).toEqual([['ours'], []])
})
