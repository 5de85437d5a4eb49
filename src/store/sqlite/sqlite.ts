import type { Store, StoreOptions } from '../store.ts'
import { connect } from './connection.ts'
import { claimFolder } from './folder.ts'
import { prepareDatabase } from './layout.ts'
import { startQueue } from './queue.ts'
import { authReader, chatReader, contactReader, groupReader, messageReader, outboxReader, sessionReader } from './readers.ts'
import { readingOf } from './reading.ts'

/** Opens the store in files of its own: one writer in a thread, reads on a connection in the caller's. Rejects with `StoreRefused`. */
export async function openSqlite({ dataDir, mode }: StoreOptions): Promise<Store> {
  const folder = claimFolder(dataDir)
  try {
    prepareDatabase(folder, mode)
    const queue = await startQueue(folder.database, folder.path)
    const db = connect(folder.database)
    db.exec('PRAGMA query_only = ON')
    const read = readingOf(queue, folder.path)
    return {
      sessions: sessionReader(db, read),
      auth: authReader(db, read),
      chats: chatReader(db, read),
      contacts: contactReader(db, read),
      messages: messageReader(db, read),
      groups: groupReader(db, read),
      outbox: outboxReader(db, read),
      commit: (sessionId, changes) => queue.commit(sessionId, changes),
      async close() {
        await queue.close()
        db.close()
        folder.unlock()
      },
    }
  } catch (error) {
    folder.unlock()
    throw error
  }
}
