import { EventEmitter } from 'node:events'
import type { WASocket } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'
import { keepArrivalOrder } from '../../../src/whatsapp/guard/arrival-order.ts'
import { until } from '../../support/wait.ts'

const asSocket = (ws: EventEmitter): WASocket => ({ ws }) as unknown as WASocket

it('a message that takes long to prepare is not overtaken, nor does one that fails stop the next', async () => {
  const ws = new EventEmitter()
  const done: string[] = []
  let release: () => void = () => undefined
  const handle = async (name: string): Promise<void> => {
    if (name === 'slow') {
      await new Promise<void>((resolve) => {
        release = resolve
      })
    }
    done.push(name)
    if (name === 'broken') throw new Error('broken')
  }
  ws.on('CB:message', (name: string): unknown => handle(name))
  keepArrivalOrder(asSocket(ws))
  for (const name of ['first', 'slow', 'broken', 'last']) ws.emit('CB:message', name)
  await until(() => done.length === 1)
  release()
  await until(() => done.length === 4)
  expect(done).toEqual(['first', 'slow', 'broken', 'last'])
})

it('refuses a Baileys that takes messages elsewhere', () => {
  expect(() => keepArrivalOrder(asSocket(new EventEmitter()))).toThrow(/does not take messages/)
})
