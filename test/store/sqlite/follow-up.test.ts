import { expect, it } from 'vitest'
import type { Apply } from '../../../src/store/sqlite/apply.ts'
import type { Connection } from '../../../src/store/sqlite/connection.ts'
import type { WriterCommit } from '../../../src/store/sqlite/protocol.ts'
import { transactionOf } from '../../../src/store/sqlite/transaction.ts'

const commit = (number: number, told: number, sessionId = 's'): WriterCommit => ({ number, sessionId, changes: [], told })

/** A disk that is full as long as `full` is true. */
function disk() {
  const state = { full: false }
  const db = {
    query: () => {
      throw new Error('nothing is asked here')
    },
    exec: (sql: string) => {
      if (sql === 'COMMIT' && state.full) throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' })
    },
    inTransaction: false,
    close: () => undefined,
  } satisfies Connection
  const apply: Apply = { change: () => undefined, heads: { settle: () => undefined, forget: () => undefined } }
  return { state, write: transactionOf(db, apply) }
}

it('what was enqueued behind a commit that a full disk refused fails too, until its caller has been told', () => {
  const { state, write } = disk()
  expect(write([commit(1, 0)]).written).toEqual([1])
  state.full = true
  expect(write([commit(2, 1), commit(3, 1)])).toMatchObject({ written: [], failed: [[2, { code: 'SQLITE_FULL' }], [3, { code: 'SQLITE_FULL' }]] })
  state.full = false
  expect(write([commit(4, 1), commit(5, 1, 'other')])).toMatchObject({ written: [5], failed: [[4, { code: 'SQLITE_FULL' }]] })
  expect(write([commit(6, 3)])).toMatchObject({ written: [], failed: [[6, { code: 'SQLITE_FULL' }]] })
  expect(write([commit(7, 6), commit(8, 6)])).toEqual({ written: [7, 8], failed: [] })
})
