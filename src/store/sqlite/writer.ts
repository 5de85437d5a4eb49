import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads'
import { changesOf } from './apply.ts'
import { connect, type Connection } from './connection.ts'
import { fromCrossing } from './crossing.ts'
import type { FromWriter, ToWriter, WriterCommit, WriterData } from './protocol.ts'
import { transactionOf } from './transaction.ts'

/** How much goes into one transaction at most, so that nobody waits long for somebody else's import. */
const MAX_CHANGES_PER_TRANSACTION = 2_000

/** Pages in the journal after which they move into the file: those that every message changes move once for many messages. */
const CHECKPOINT_PAGES = 4_000

/** The journal is cut back to this after a burst. */
const MAX_JOURNAL_BYTES = 64 * 1024 * 1024

/** What waits in the port, or undefined. */
function nextIn(port: MessagePort): ToWriter | undefined {
  const waiting: { message: ToWriter } | undefined = receiveMessageOnPort(port)
  return waiting?.message
}

/** Moves all into the database file itself, so that a copy of it alone is whole; what cannot be moved stays safe in the journal. */
function emptyJournal(db: Connection): void {
  try {
    db.query('PRAGMA wal_checkpoint(TRUNCATE)').get()
  } catch {
    // The next start reads the journal.
  }
}

function run(port: MessagePort, { database }: WriterData): void {
  const db = connect(database)
  db.exec('PRAGMA synchronous = FULL')
  db.query(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`).get()
  db.query(`PRAGMA journal_size_limit = ${MAX_JOURNAL_BYTES}`).get()
  const write = transactionOf(db, changesOf(db))
  const tell = (message: FromWriter): void => port.postMessage(message)

  port.on('message', (first: ToWriter) => {
    const batch: WriterCommit[] = []
    let size = 0
    let next: ToWriter | undefined = first
    while (next?.kind === 'commits') {
      for (const commit of next.commits) {
        batch.push({ ...commit, changes: commit.changes.map(fromCrossing) })
        size += commit.changes.length
      }
      next = size < MAX_CHANGES_PER_TRANSACTION ? nextIn(port) : undefined
    }
    if (batch.length > 0) tell({ kind: 'done', ...write(batch) })
    if (next?.kind === 'close') {
      emptyJournal(db)
      db.close()
      port.close()
    }
  })
  tell({ kind: 'ready' })
}

if (parentPort === null) throw new Error('The writer runs in a thread of its own.')
run(parentPort, workerData as WriterData)
