import { EventEmitter } from 'node:events'
import type { BinaryNode, WASocket } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { watchArrivals } from '../../../src/whatsapp/guard/arrivals.ts'

const stanza = (id: string, offline: boolean, type = 'msg'): BinaryNode & { ciphertext: Uint8Array } => {
  const ciphertext = Buffer.from(id)
  return { tag: 'message', attrs: { id, ...(offline ? { offline: '0' } : {}) }, content: [{ tag: 'enc', attrs: { type }, content: ciphertext }], ciphertext }
}

function arrive(...stanzas: BinaryNode[]) {
  const ws = new EventEmitter()
  const arrivals = watchArrivals({ ws } as unknown as WASocket)
  for (const each of stanzas) ws.emit('CB:message', each)
  return { arrivals, more: (...further: BinaryNode[]) => further.forEach((each) => ws.emit('CB:message', each)) }
}

const isQueued = ({ attrs }: BinaryNode): boolean => attrs['offline'] === '0'

describe('watchArrivals', () => {
  it('lets live messages through while nothing waits', () => {
    const live = stanza('a', false)
    arrive(live)
    expect(isQueued(live)).toBe(false)
  })

  it('puts live messages behind the offline ones, and behind one another', () => {
    const [offline, first, second] = [stanza('a', true), stanza('b', false), stanza('c', false)]
    const { arrivals, more } = arrive(offline, first)
    arrivals.tried(offline.ciphertext)
    more(second)
    expect([isQueued(first), isQueued(second)]).toEqual([true, true])
  })

  it('lets them through again once the last of the queue was tried', () => {
    const [offline, first, second] = [stanza('a', true), stanza('b', false), stanza('c', false)]
    const { arrivals, more } = arrive(offline, first)
    arrivals.tried(first.ciphertext)
    more(second)
    expect(isQueued(second)).toBe(false)
  })

  it('does not wait for what nobody tries', () => {
    const live = stanza('b', false)
    arrive(stanza('a', true, 'msmsg'), live)
    expect(isQueued(live)).toBe(false)
  })

  it('finds the stanza of a ciphertext by identity', () => {
    const one = stanza('a', false)
    const { arrivals } = arrive(one)
    expect(arrivals.stanzaOf(one.ciphertext)).toBe(one)
    expect(arrivals.stanzaOf(Buffer.from(one.ciphertext))).toBeUndefined()
  })
})
