import { describe, expect, it } from 'vitest'
import { boundedCache, newest } from '../../src/whatsapp/cache.ts'

describe('a bounded cache', () => {
  it('keeps the newest entries and forgets the oldest', () => {
    const entries = newest<number>(3)
    for (const [index, key] of ['a', 'b', 'c', 'd'].entries()) entries.set(key, index)
    expect([entries.size, entries.get('a'), entries.get('d')]).toEqual([3, undefined, 3])
    expect([entries.delete('d'), entries.delete('d')]).toEqual([true, false])
    for (let index = 0; index < 1000; index++) entries.set(String(index), index)
    expect([entries.size, entries.get('999')]).toEqual([3, 999])
  })

  it('reserves no room for what is not there', () => {
    const before = process.memoryUsage().heapUsed
    const caches = Array.from({ length: 100 }, () => boundedCache(10_000, 1000))
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2_000_000)
    expect(caches).toHaveLength(100)
  })

  it('answers what it was given, in the shape Baileys asks for', async () => {
    const cache = boundedCache(2, 60_000)
    await cache.set('key', { a: 1 })
    expect(await cache.get('key')).toEqual({ a: 1 })
    await cache.del('key')
    expect(await cache.get('key')).toBeUndefined()
    await cache.set('key', 0)
    await cache.flushAll()
    expect(await cache.get('key')).toBeUndefined()
  })
})
