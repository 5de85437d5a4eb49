import type { Redis } from 'ioredis'
import { StoreFailed, StoreRefused } from '../faults.ts'
import { chatReader, contactReader, deviceReader, eventReader, groupReader, highestKey, journalLists, messageReader, outboxReader, readingOver, sessionLists, webhookReader, type Reading } from '../reading.ts'
import type { AuthReader, JournalReader, RedisPlace, SessionReader, Store, StoreOptions } from '../store.ts'
import { key } from '../touched.ts'
import { authReads } from './auth.ts'
import { chatReads } from './chats.ts'
import { contactReads } from './contacts.ts'
import { deviceReads } from './devices.ts'
import { hearChannel } from './ears.ts'
import { eventReads } from './events.ts'
import { sentenceOf, storeFailed } from './fault.ts'
import { groupReads } from './groups.ts'
import { journalReads } from './journal.ts'
import { keysOf, type Keys } from './keys.ts'
import { prepareRedis } from './layout.ts'
import { messageReads } from './messages.ts'
import { outboxReads } from './outbox.ts'
import { startQueue, type Queue } from './queue.ts'
import { defineScripts } from './script.ts'
import { sessionReads } from './sessions.ts'
import { redisSource, type Source } from './source.ts'
import { webhookReads } from './webhooks.ts'

/** Opens the store in Redis. Rejects with `StoreRefused`. */
export async function openRedis({ redis, prefix, place, mode }: RedisPlace & Pick<StoreOptions, 'mode'>): Promise<Store> {
  defineScripts(redis)
  const keys = keysOf(prefix)
  await prepareRedis(redis, keys.gateway, mode, place)
  const source = redisSource(redis, place)
  const queue = startQueue(redis, source, keys, place)
  const close = await listen(redis, keys, queue).catch((error: unknown) => {
    throw new StoreRefused(sentenceOf(error, place), { cause: error })
  })
  return storeOf({ redis, source, keys, queue, place }, async () => {
    await queue.close()
    close()
  })
}

/** Rings for what other nodes wrote; after a break, for all, since what was said meanwhile was not heard. */
const listen = (redis: Redis, { gateway }: Keys, { bell, writer }: Queue): Promise<() => void> =>
  hearChannel(redis, gateway.told, (said) => {
    const [from, sessionId = ''] = said.split(' ')
    if (from !== writer) bell.ring(sessionId)
  }, bell.ringAll)

interface Parts {
  readonly redis: Redis
  readonly source: Source
  readonly keys: Keys
  readonly queue: Queue
  readonly place: string
}

function storeOf({ redis, source, keys, queue, place }: Parts, close: () => Promise<void>): Store {
  const read = readingOver(queue.pending, (ask) => {
    queue.assertOpen()
    return ask()
  })
  const stored = <Reads extends object>(reads: Reads): Reads => ours(reads, place)
  return {
    sessions: sessionReader(stored(sessionReads(redis, keys.gateway)), read),
    auth: authReader(stored(authReads(redis, keys)), read),
    chats: chatReader(stored(chatReads(redis, source, keys)), read),
    // Another node may write them, so none is at hand.
    contacts: { ...contactReader(stored(contactReads(source, keys)), read), atHand: () => undefined },
    messages: messageReader(stored(messageReads(redis, source, keys)), read),
    groups: groupReader(stored(groupReads(source, keys)), read),
    outbox: outboxReader(stored(outboxReads(source, keys)), read),
    journal: journalReader(stored(journalReads(source, keys)), read),
    devices: deviceReader(stored(deviceReads(redis, source, keys)), read),
    events: eventReader(stored(eventReads(redis, source, keys)), read),
    webhooks: webhookReader(stored(webhookReads(redis, source, keys)), read),
    onTold: (sessionId, listener) => queue.bell.on(sessionId, listener),
    commit: (sessionId, changes, fence) => queue.commit(sessionId, changes, fence),
    close,
  }
}

/** The same reads, with errors of Redis in our words. */
function ours<Reads extends object>(reads: Reads, place: string): Reads {
  const wrapped = Object.entries(reads as Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>).map(([name, ask]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return await ask(...args)
      } catch (error) {
        // What Redis says and what the connection says have these names; all else, such as a wrong cursor, is not the store's failure.
        if (error instanceof StoreFailed || !(error instanceof Error) || !isRedisFault(error)) throw error
        throw storeFailed(error, place)
      }
    },
  ])
  return Object.fromEntries(wrapped) as Reads
}

const isRedisFault = (error: Error): boolean => error.name !== 'CursorInvalid' && error.name !== 'RangeError'

/** Sessions: one by its id is known before it is durable. */
function sessionReader(stored: ReturnType<typeof sessionReads>, read: Reading): SessionReader {
  return {
    async get(id) {
      const row = read.pending.sessionRow(id)
      return read.now(() => (row === undefined ? stored.get(id) : row))
    },
    ...sessionLists(stored, read),
  }
}

/** Keys: known before they are durable, so that no encryption waits for Redis to have written them. */
function authReader(stored: ReturnType<typeof authReads>, read: Reading): AuthReader {
  return {
    async get(sessionId, type, ids) {
      const enqueued = new Map(ids.map((id) => [id, read.pending.authValue(sessionId, type, id)]))
      const missing = ids.filter((id) => enqueued.get(id) === undefined)
      const found = await read.now(() => stored.get(sessionId, type, missing))
      return new Map(ids.flatMap((id) => {
        const value = enqueued.get(id) ?? found.get(id)
        return value === undefined || enqueued.get(id) === null ? [] : [[id, value]]
      }))
    },
    ...highestKey(stored, read),
  }
}

/** Decrypted ciphertexts. */
const journalReader = (stored: ReturnType<typeof journalReads>, read: Reading): JournalReader => ({
  get: (sessionId, hash) => read.point(sessionId, [key.journal(hash)], () => stored.get(sessionId, hash)),
  ...journalLists(stored, read),
})
