import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { writeBehind } from '../../../src/whatsapp/guard/write-behind.ts'

/** A store whose commits end when the test says so. */
function heldStore(): { store: Store; ends: { resolve: () => void; reject: (error: Error) => void }[] } {
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = []
  const commit = (): Promise<void> => new Promise((resolve, reject) => ends.push({ resolve, reject }))
  return { store: { commit } as unknown as Store, ends }
}

const change = [{ kind: 'auth.clear' }] as const

describe('writeBehind', () => {
  it('is idle only when everything enqueued is durable', async () => {
    const { store, ends } = heldStore()
    const writes = writeBehind(store, 's', () => undefined)
    expect(writes.idle()).toBe(true)
    writes.write(change)
    writes.write(change)
    expect(writes.idle()).toBe(false)
    const settled = writes.settled()
    ends[0]?.resolve()
    ends[1]?.resolve()
    await settled
    await Promise.resolve()
    expect(writes.idle()).toBe(true)
  })

  it('tells a failure once, and takes nothing after it', async () => {
    const { store, ends } = heldStore()
    const faults: string[] = []
    const writes = writeBehind(store, 's', (error) => faults.push(error.message))
    writes.write(change)
    writes.write(change)
    ends[0]?.reject(new Error('disk full'))
    ends[1]?.reject(new Error('disk full'))
    await expect(writes.settled()).rejects.toThrow('disk full')
    expect(faults).toEqual(['disk full'])
    expect(() => writes.write(change)).toThrow('disk full')
    expect(writes.idle()).toBe(false)
  })

  it('takes nothing once it is closed, and what was enqueued before still settles', async () => {
    const { store, ends } = heldStore()
    const faults: string[] = []
    const writes = writeBehind(store, 's', (error) => faults.push(error.message))
    writes.write(change)
    writes.close()
    expect(() => writes.write(change)).toThrow('the socket has ended')
    const settled = writes.settled()
    ends[0]?.resolve()
    await settled
    expect([ends.length, faults]).toEqual([1, []])
  })

  it('waits for an earlier write even when a later one ends first', async () => {
    const { store, ends } = heldStore()
    const writes = writeBehind(store, 's', () => undefined)
    writes.write(change)
    writes.write(change)
    let done = false
    const settled = writes.settled().then(() => {
      done = true
    })
    ends[1]?.resolve()
    await Promise.resolve()
    expect(done).toBe(false)
    ends[0]?.resolve()
    await settled
    expect(done).toBe(true)
  })

  it('a read that failed holds every later frame and write back', async () => {
    const faults: string[] = []
    const writes = writeBehind(heldStore().store, 's', (error) => faults.push(error.message))
    writes.fail(new Error('unreadable'))
    writes.fail(new Error('again'))
    expect(writes.idle()).toBe(false)
    await expect(writes.settled()).rejects.toThrow('unreadable')
    expect(faults).toEqual(['unreadable'])
    expect(() => writes.write(change)).toThrow('unreadable')
  })
})
