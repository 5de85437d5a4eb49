import { setTimeout as delay } from 'node:timers/promises'
import type { BinaryNode } from '../../../src/simulator/stanza/node.ts'
import type { Device } from '../../../src/simulator/world/accounts.ts'
import { monotonicMs } from '../process.ts'
import type { Handed } from './simulator.ts'

/** A stanza that is ready to go to a device. */
export interface Prepared {
  readonly device: Device
  readonly stanza: BinaryNode
}

/** What one account is to get, in order. */
export interface HandOverQueue {
  readonly account: string
  readonly messages: readonly Prepared[]
}

/** Hands over so many a second of each queue, evenly and in turn, whoever is late with what; answers when each went. */
export async function handOver(queues: readonly HandOverQueue[], perSecond: number, deliver: (device: Device, stanza: BinaryNode) => void): Promise<readonly Handed[]> {
  const handed: Handed[] = []
  const stepMs = 1000 / perSecond / queues.length
  const longest = Math.max(...queues.map(({ messages }) => messages.length))
  let dueMs = monotonicMs()
  for (let place = 0; place < longest; place += 1) {
    for (const { account, messages } of queues) {
      const waitMs = dueMs - monotonicMs()
      if (waitMs > 0) await delay(waitMs)
      dueMs += stepMs
      const message = messages[place]
      if (message === undefined) continue
      handed.push({ account, id: message.stanza.attrs['id'] ?? '', atMs: monotonicMs() })
      deliver(message.device, message.stanza)
    }
  }
  return handed
}
