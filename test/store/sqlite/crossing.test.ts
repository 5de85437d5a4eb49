import { assert, option, property, uint8Array } from 'fast-check'
import { expect, it } from 'vitest'
import type { Change, MessageRow } from '../../../src/store/store.ts'
import { fromCrossing, toCrossing } from '../../../src/store/sqlite/crossing.ts'

const views = uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array([7, ...bytes, 7]).subarray(1, bytes.length + 1))
const maybe = option(views, { nil: null })
const key = { chatId: 'c', id: 'A', sender: '' }

/** As plain lists, since one side is a view of a larger buffer. */
const listed = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (_, inner: unknown) => (inner instanceof Uint8Array ? { bytes: [...inner] } : inner && typeof inner === 'object' && 'type' in inner && inner.type === 'Buffer' ? { bytes: (inner as unknown as { data: number[] }).data } : inner)))

it('every byte of a change arrives as it left, and nothing of the buffer around it', () => {
  assert(
    property(maybe, maybe, views, maybe, (raw, edited, plaintext, open) => {
      const changes: Change[] = [
        { kind: 'message.put', message: { ...key, raw } as MessageRow, touch: { unread: 1 } },
        { kind: 'message.edit', key, text: 't', at: 1, raw: edited },
        { kind: 'journal.put', row: { hash: 'h', messageId: 'A', plaintext, open, at: 1 } },
        { kind: 'message.remove', key },
      ]
      const crossed = changes.map((change) => fromCrossing(structuredClone(toCrossing(change))))
      expect(listed(crossed)).toEqual(listed(changes))
    }),
  )
})
