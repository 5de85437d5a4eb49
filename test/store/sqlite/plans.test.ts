import { join } from 'node:path'
import { expect, it } from 'vitest'
import { changesOf } from '../../../src/store/sqlite/apply.ts'
import { authQueries } from '../../../src/store/sqlite/auth.ts'
import { chatQueries } from '../../../src/store/sqlite/chats.ts'
import { connect, type Connection } from '../../../src/store/sqlite/connection.ts'
import { contactQueries } from '../../../src/store/sqlite/contacts.ts'
import { deviceQueries } from '../../../src/store/sqlite/devices.ts'
import { eventQueries } from '../../../src/store/sqlite/events.ts'
import { groupQueries } from '../../../src/store/sqlite/groups.ts'
import { journalQueries } from '../../../src/store/sqlite/journal.ts'
import { messageQueries } from '../../../src/store/sqlite/messages.ts'
import { migrations } from '../../../src/store/sqlite/migrations/index.ts'
import { outboxQueries } from '../../../src/store/sqlite/outbox.ts'
import { sessionQueries } from '../../../src/store/sqlite/sessions.ts'
import { webhookQueries } from '../../../src/store/sqlite/webhooks.ts'
import { tempFolder } from '../../support/temp.ts'

it('no statement scans a table or sorts what an index could give in order', () => {
  const db = connect(join(tempFolder(), 'plans.db'))
  for (const step of migrations) db.exec(step)
  const statements: string[] = []
  const recording: Connection = {
    ...db,
    query: (sql) => {
      statements.push(sql)
      return db.query(sql)
    },
  }
  changesOf(recording)
  for (const queries of [authQueries, chatQueries, contactQueries, deviceQueries, journalQueries, eventQueries, groupQueries, messageQueries, outboxQueries, sessionQueries, webhookQueries]) queries(recording)
  expect(statements.length).toBeGreaterThan(40)

  const faults = statements.flatMap((sql) =>
    db
      .query<[number, number, number, string]>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...Array.from(sql.matchAll(/\?/g), () => 1))
      .map(([, , , detail]) => detail)
      .filter((detail) => /\bSCAN\b|TEMP B-TREE/.test(detail))
      .map((detail) => `${detail}: ${sql}`),
  )
  // The newest sessions and webhooks are read along their index, the resumable ones are an index of their own, and cursors and the heads of logs are read whole, rarely.
  expect(faults.filter((fault) => !/USING (COVERING )?INDEX (sessions_(by_age|resumable)|webhooks_by_age)|^SCAN (webhook_cursors|heads)/.test(fault))).toEqual([])
  db.close()
})
