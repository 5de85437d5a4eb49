import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import * as fc from 'fast-check'
import { openStorage, type Storage } from '../../src/simulator/world/storage.ts'

let folder: string
let storage: Storage
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'storage-'))
  storage = openStorage(folder)
})
afterEach(() => {
  storage.close()
  rmSync(folder, { recursive: true })
})

type Step = { kind: 'set' | 'delete' | 'flush'; key: string; value: number }
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ kind: fc.constantFrom('set', 'delete', 'flush'), key: fc.constantFrom('a', 'b', 'c'), value: fc.nat() }),
)

it('holds after a reopening what it held before, whatever was set, deleted and flushed in between', () => {
  fc.assert(
    fc.property(steps, (run) => {
      storage.clear([])
      const rows = storage.collection<number>('rows')
      const expected = new Map<string, number>()
      for (const { kind, key, value } of run) {
        if (kind === 'flush') storage.flush()
        else if (kind === 'delete') {
          rows.delete(key)
          expected.delete(key)
        } else {
          rows.set(key, value)
          expected.set(key, value)
        }
      }
      storage.close()
      storage = openStorage(folder)
      expect(new Map(storage.collection<number>('rows').entries())).toEqual(expected)
    }),
    { numRuns: 40 },
  )
})

it('belongs to one process at a time', () => {
  storage.collection('rows').set('one', 1)
  storage.flush()
  expect(() => openStorage(folder)).toThrow('another process uses the world')
})

it('keeps buffers, sets, maps and dates as they are', () => {
  const value = { key: Buffer.from([1, 2, 3]), set: new Set(['x']), map: new Map([['y', 1]]), nothing: undefined }
  storage.collection('rows').set('one', value)
  storage.close()
  storage = openStorage(folder)
  expect(storage.collection('rows').get('one')).toEqual(value)
})

it('forgets all but what is to be kept', () => {
  storage.collection('kept').set('one', 1)
  storage.collection('lost').set('one', 1)
  storage.blobs('lost').put('one', Buffer.from('blob'))
  storage.clear(['kept'])
  storage.close()
  storage = openStorage(folder)
  expect(storage.collection('kept').get('one')).toBe(1)
  expect(storage.collection('lost').size).toBe(0)
  expect(storage.blobs('lost').get('one')).toBeUndefined()
})
