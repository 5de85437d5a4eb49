import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Change } from '../../../src/store/store.ts'
import { changesOf } from '../../../src/store/sqlite/apply.ts'
import { connect } from '../../../src/store/sqlite/connection.ts'
import { eventQueries } from '../../../src/store/sqlite/events.ts'
import { migrations } from '../../../src/store/sqlite/migrations/index.ts'
import { transactionOf } from '../../../src/store/sqlite/transaction.ts'
import { tempFolder } from '../../support/temp.ts'

const entry = (id: string): Change => ({ kind: 'event.append', event: { id, type: 't', chatId: null, data: '{}', at: 1 } })
const BROKEN = { kind: 'of no kind' } as unknown as Change

it('a commit that is taken back leaves no gap in the log, in its transaction and in the next', () => {
  const db = connect(join(tempFolder(), 'heads.db'))
  for (const step of migrations) db.exec(step)
  const write = transactionOf(db, changesOf(db))
  let number = 0
  const commit = (...changes: Change[]) => ({ number: ++number, sessionId: 's', told: 0, changes })

  expect(write([commit(entry('a')), commit(entry('b'), BROKEN), commit(entry('c'), entry('d'))])).toMatchObject({ written: [1, 3], failed: [[2, expect.anything()]] })
  expect(write([commit(entry('e'), BROKEN)]).written).toEqual([])
  expect(write([commit(entry('f'))]).written).toEqual([5])

  const { after, bounds } = eventQueries(db)
  expect(after('s', 0, 9).map(({ id, seq }) => [id, seq])).toEqual([['a', 1], ['c', 2], ['d', 3], ['f', 4]])
  expect(bounds('s')).toEqual({ first: 1, last: 4 })
  db.close()
})
