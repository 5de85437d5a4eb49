import { describe, expect, it } from 'vitest'
import { StoreFailed } from '../../../src/store/faults.ts'
import { openMemory } from '../../../src/store/memory.ts'
import { DEVICE_LISTS_KEPT_MS } from '../../../src/store/retention.ts'
import type { Store } from '../../../src/store/store.ts'
import { deviceCache, deviceLists } from '../../../src/whatsapp/guard/device-cache.ts'
import { writeBehind } from '../../../src/whatsapp/guard/write-behind.ts'

const LIST = [{ user: '1', device: 0 }, { user: '1', device: 3 }]

/** A cache as a fresh process has it, over a store that may be an old one. */
function bench(store: Store = openMemory()) {
  const faults: Error[] = []
  let now = 1_000_000_000_000
  const make = () => deviceCache({ sessionId: 's', store, writes: writeBehind(store, 's', (error) => faults.push(error)), lists: deviceLists(), now: () => now })
  return { store, faults, make, cache: make().cache, pass: (ms: number) => (now += ms) }
}

describe('the device cache', () => {
  it('outlives the process, one list or many', async () => {
    const { cache, make } = bench()
    await cache.mset?.([{ key: '1', value: LIST }, { key: '2', value: [] }])
    await cache.set('3', LIST)
    expect(await make().cache.get('1')).toEqual(LIST)
    expect(await make().cache.mget?.(['1', '2', '3', '4'])).toEqual({ '1': LIST, '2': [], '3': LIST })
  })

  it('gives each caller a list of its own', async () => {
    const { cache } = bench()
    await cache.set('1', LIST)
    ;(await cache.get<unknown[]>('1'))?.push('spoiled')
    expect(await cache.get('1')).toEqual(LIST)
  })

  it('forgets a list for good', async () => {
    const { cache, make } = bench()
    await cache.mset?.([{ key: '1', value: LIST }, { key: '2', value: LIST }])
    await cache.del('1')
    const restarted = make()
    expect(await restarted.cache.mget?.(['1', '2'])).toEqual({ '2': LIST })
    restarted.forget(['2'])
    expect(await make().cache.get('2')).toBeUndefined()
  })

  it('a list has its age from when WhatsApp told it, in a later process too', async () => {
    const { cache, make, pass } = bench()
    await cache.set('1', LIST)
    pass(DEVICE_LISTS_KEPT_MS - 1)
    const later = make().cache
    expect([await cache.get('1'), await later.get('1')]).toEqual([LIST, LIST])
    pass(1)
    expect([await cache.get('1'), await later.get('1'), await make().cache.get('1')]).toEqual([undefined, undefined, undefined])
    await later.set('1', [])
    expect(await later.get('1')).toEqual([])
  })

  it('a store that cannot be read is no empty list: the connection ends', async () => {
    const { store } = bench()
    const failing = bench({ ...store, commit: async () => undefined, devices: { ...store.devices, get: async () => Promise.reject(new StoreFailed('no disk')) } })
    await expect(failing.cache.get('1')).rejects.toThrow('no disk')
    expect(failing.faults.map(({ message }) => message)).toEqual(['no disk'])
    await expect(failing.cache.set('1', LIST)).rejects.toThrow('no disk')
  })
})
