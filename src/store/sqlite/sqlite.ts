import { StoreRefused } from '../faults.ts'
import { chatReader, deviceReader, eventReader, groupReader, messageReader, outboxReader, webhookReader } from '../reading.ts'
import type { Store, StoreOptions } from '../store.ts'
import { chatQueries } from './chats.ts'
import { connect, type Connection } from './connection.ts'
import { deviceQueries } from './devices.ts'
import { eventQueries } from './events.ts'
import { faultOf, sentenceOf } from './fault.ts'
import { claimFolder, type Folder } from './folder.ts'
import { groupQueries } from './groups.ts'
import { prepareDatabase } from './layout.ts'
import { messageQueries } from './messages.ts'
import { outboxQueries } from './outbox.ts'
import { startQueue, type Queue } from './queue.ts'
import { authReader, contactReader, journalReader, sessionReader } from './readers.ts'
import { readingOf } from './reading.ts'
import { webhookQueries } from './webhooks.ts'

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
    chats: chatReader(chatQueries(db), read),
    contacts: contactReader(db, read),
    messages: messageReader(messageQueries(db), read),
    groups: groupReader(groupQueries(db), read),
    outbox: outboxReader(outboxQueries(db), read),
    journal: journalReader(db, read),
    devices: deviceReader(deviceQueries(db), read),
    events: eventReader(eventQueries(db), read),
    webhooks: webhookReader(webhookQueries(db), read),
    onTold: (sessionId, listener) => queue.bell.on(sessionId, listener),
    commit: (sessionId, changes) => queue.commit(sessionId, changes),
    async close() {
      await queue.close()
      db.close()
      folder.unlock()
    },
  }
}
