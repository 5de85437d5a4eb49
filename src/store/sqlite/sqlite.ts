import { StoreRefused } from '../faults.ts'
import type { Store, StoreOptions } from '../store.ts'
import { connect, type Connection } from './connection.ts'
import { faultOf, sentenceOf } from './fault.ts'
import { claimFolder, type Folder } from './folder.ts'
import { prepareDatabase } from './layout.ts'
import { startQueue, type Queue } from './queue.ts'
import { authReader, chatReader, contactReader, deviceReader, eventReader, groupReader, journalReader, messageReader, outboxReader, sessionReader, webhookReader } from './readers.ts'
import { readingOf } from './reading.ts'

/** Opens the store in files of its own: one writer in a thread, reads on a connection in the caller's. Rejects with `StoreRefused`. */
export async function openSqlite({ dataDir, mode }: StoreOptions): Promise<Store> {
  const folder = claimFolder(dataDir)
  let queue: Queue | null = null
  try {
    prepareDatabase(folder, mode)
    queue = await startQueue(folder.database, folder.path)
    return storeOf(folder, queue, connect(folder.database))
  } catch (error) {
    await queue?.close()
    folder.unlock()
    throw error instanceof StoreRefused ? error : new StoreRefused(sentenceOf(faultOf(error), folder.path), { cause: error })
  }
}

function storeOf(folder: Folder, queue: Queue, db: Connection): Store {
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
    journal: journalReader(db, read),
    devices: deviceReader(db, read),
    events: eventReader(db, read),
    webhooks: webhookReader(db, read),
    onTold: (sessionId, listener) => queue.bell.on(sessionId, listener),
    commit: (sessionId, changes) => queue.commit(sessionId, changes),
    async close() {
      await queue.close()
      db.close()
      folder.unlock()
    },
  }
}
