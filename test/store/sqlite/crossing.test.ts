import { assert, option, property, uint8Array } from 'fast-check'
import { expect, it } from 'vitest'
import type { Change, MessageRow } from '../../../src/store/store.ts'
import { fromCrossing, toCrossing } from '../../../src/store/sqlite/crossing.ts'

const views = uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array([7, ...bytes, 7]).subarray(1, bytes.length + 1))
const maybe = option(views, { nil: null })
const key = { chatId: 'c', id: 'A', sender: '' }

/** Bytes as a list of numbers, whatever view they are. */
const listed = (bytes: Uint8Array | null): readonly number[] | null => bytes && [...bytes]

it('every byte of a change arrives as it left, and nothing of the buffer around it', () => {
  assert(
    property(maybe, maybe, views, maybe, (raw, edited, plaintext, open) => {
      const cross = (change: Change): Change => fromCrossing(structuredClone(toCrossing(change)))
      expect(cross({ kind: 'message.remove', key })).toEqual({ kind: 'message.remove', key })
      const put = cross({ kind: 'message.put', message: { ...key, raw } as MessageRow, touch: { unread: 1 } })
      expect(put).toMatchObject({ kind: 'message.put', message: key, touch: { unread: 1 } })
      const edit = cross({ kind: 'message.edit', key, text: 't', at: 1, raw: edited })
      const noted = cross({ kind: 'journal.put', row: { hash: 'h', messageId: 'A', plaintext, open, at: 1 } })
      if (put.kind !== 'message.put' || edit.kind !== 'message.edit' || noted.kind !== 'journal.put') throw new Error('a change arrived as another one')
      expect([put.message.raw, edit.raw, noted.row.plaintext, noted.row.open].map(listed)).toEqual([raw, edited, plaintext, open].map(listed))
    }),
  )
})
