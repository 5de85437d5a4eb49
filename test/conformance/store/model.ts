import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { MESSAGE_STATES, type MessageType } from '../../../schemas/message.ts'
import { openMemory } from '../../../src/store/memory.ts'
import type { Change, Store } from '../../../src/store/store.ts'
import type { Bench } from '../store.ts'
import { group, message, session, walk } from './rows.ts'

const RUNS = Number(process.env['STORE_MODEL_RUNS'] ?? 60)
const PHONES = ['5215550001', '5215550002']
const LIDS = ['901', '902', '903']
const PEOPLE = [...PHONES.map((phone) => `${phone}@s.whatsapp.net`), ...LIDS.map((lid) => `${lid}@lid`)]
const CHATS = [...PEOPLE, 'g@g.us']
const IDS = ['A', 'B']
const TYPES = ['creds', 'pre-key']
const KEYS = ['', '1', '20']

const one = <Value>(...values: readonly Value[]) => fc.constantFrom(...values)
const text = fc.string({ unit: 'binary', maxLength: 6 })
const time = fc.integer({ min: 0, max: 4 })
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value)
const bytes = maybe(fc.uint8Array({ maxLength: 4 }))
const key = fc.record({ chatId: one(...CHATS), id: one(...IDS), sender: one('', ...PEOPLE) })
const reactions = fc.uniqueArray(fc.record({ from: one('', ...PEOPLE), emoji: text, timestamp: time }), { selector: ({ from }) => from, maxLength: 3 })

const messageRow = fc
  .record({
    key,
    text: maybe(text),
    type: one<MessageType>('text', 'undecryptable', 'image'),
    timestamp: time,
    state: maybe(one(...MESSAGE_STATES)),
    content: maybe(fc.record({ type: fc.constant('poll' as const), question: text, options: fc.array(text, { maxLength: 3 }), selectableCount: fc.integer({ min: 0, max: 3 }) })),
    quoted: maybe(fc.record({ id: text, sender: maybe(one(...PEOPLE)), type: one<MessageType>('text'), text: maybe(text) })),
    mentions: fc.uniqueArray(one(...PEOPLE), { maxLength: 2 }),
    reactions,
    raw: bytes,
  })
  .map(({ key: place, ...fields }) => message({ ...fields, ...place }))

const HASHES = ['h1', 'h2', 'h3']
const logEntry = fc.record({ id: text, type: text, chatId: maybe(one(...CHATS)), data: text, at: time })
/** Sometimes an entry for the log, sometimes none. */
const entry = maybe(logEntry).map((event) => (event === null ? {} : { event }))
const withEntry = <Bare extends object>(bare: fc.Arbitrary<Bare>) => fc.tuple(bare, entry).map(([fields, event]) => ({ ...fields, ...event }))
const move = maybe(logEntry).map((moved) => (moved === null ? {} : { moved }))
const names = fc.record({ name: maybe(text), pushName: maybe(text) }, { requiredKeys: [] })
const chatFields = fc.record({ name: maybe(text), unreadCount: fc.integer({ min: -1, max: 3 }), conversationTimestamp: time, archived: fc.boolean(), pin: maybe(time), labels: fc.array(text, { maxLength: 2 }) }, { requiredKeys: [] })

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(messageRow, entry, maybe(fc.integer({ min: 0, max: 1 }))).map(([row, event, unread]): Change => ({ kind: 'message.put', message: row, ...event, ...(unread === null ? {} : { touch: { unread } }) })) },
  { weight: 3, arbitrary: fc.tuple(maybe(one(...PHONES)), maybe(one(...LIDS)), names, entry, move).map(([phone, lid, fields, event, moved]): Change => ({ kind: 'contact.merge', phone, lid, fields, ...event, ...moved })) },
  withEntry(fc.record({ kind: fc.constant('message.state' as const), key, state: one(...MESSAGE_STATES), at: time })),
  withEntry(fc.record({ kind: fc.constant('message.edit' as const), key, text: maybe(text), at: time, raw: bytes })),
  withEntry(fc.record({ kind: fc.constant('message.delete' as const), key, at: time })),
  withEntry(fc.record({ kind: fc.constant('message.remove' as const), key })),
  withEntry(fc.record({ kind: fc.constant('message.react' as const), key, from: one('', ...PEOPLE), emoji: maybe(text), timestamp: time })),
  fc.tuple(one(...CHATS), chatFields, entry).map(([id, fields, event]): Change => ({ kind: 'chat.merge', id, fields, ...event })),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('chat.touch' as const), id: one(...CHATS), timestamp: time, unread: fc.integer({ min: -1, max: 2 }) }) },
  withEntry(fc.record({ kind: one('chat.delete' as const, 'chat.clear' as const), id: one(...CHATS) })),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('auth.put' as const), keys: fc.array(fc.record({ type: one(...TYPES), id: one(...KEYS), value: maybe(text) }), { maxLength: 3 }) }) },
  fc.constant<Change>({ kind: 'auth.clear' }),
  fc.record({ kind: fc.constant('group.put' as const), group: fc.record({ id: fc.constant('g@g.us'), subject: text, raw: text }).map(group) }),
  fc.constant<Change>({ kind: 'group.delete', id: 'g@g.us' }),
  fc.record({ kind: fc.constant('outbox.put' as const), id: one(...IDS), chatId: one(...CHATS), content: text, acceptedAt: time, expiresAt: time }),
  fc.record({ kind: fc.constant('outbox.delete' as const), id: one(...IDS) }),
  fc.constant<Change>({ kind: 'session.delete' }),
  fc.record({ kind: fc.constant('auth.archive' as const), at: time }),
  fc.record({ kind: fc.constant('journal.put' as const), row: fc.record({ hash: one(...HASHES), messageId: one(...IDS), plaintext: fc.uint8Array({ maxLength: 3 }), open: bytes, at: time }) }),
  fc.record({ kind: fc.constant('journal.close' as const), hash: one(...HASHES) }),
  fc.record({ kind: fc.constant('journal.forget' as const), hashes: fc.array(one(...HASHES), { maxLength: 2 }) }),
  fc.record({ kind: fc.constant('journal.prune' as const), before: time, limit: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: fc.constant('event.prune' as const), before: time, keep: one(0, 1, 2, 1000), limit: one(0, 1, 3, 1000) }),
  fc.record({ kind: fc.constant('devices.put' as const), lists: fc.array(fc.record({ user: one(...PHONES, ...LIDS), value: maybe(text) }), { maxLength: 3 }), at: time }),
  fc.record({ kind: fc.constant('devices.prune' as const), before: time, keep: fc.integer({ min: 0, max: 3 }), limit: fc.integer({ min: 0, max: 2 }) }),
  logEntry.map((event): Change => ({ kind: 'event.append', event })),
)

/** Changes, and which commit before them is waited for: 0 for none, 1 for the last. */
export const anyCommit = fc.record({ changes: fc.array(change, { minLength: 1, maxLength: 4 }), settle: one(0, 0, 1, 2) })

/** All that the readers tell of a session. Positions in the outbox differ from store to store; their order does not. */
export async function seen(store: Store, id: string): Promise<unknown> {
  const messages = []
  for (const chatId of CHATS) {
    messages.push(await walk(2, (request) => store.messages.page(id, chatId, request)), await store.messages.oldest(id, chatId), await store.messages.newest(id, chatId))
    for (const messageId of IDS) {
      messages.push(await store.messages.get(id, chatId, messageId))
      for (const sender of ['', ...PEOPLE]) messages.push(await store.messages.find(id, { chatId, id: messageId, sender }))
    }
  }
  return {
    session: await store.sessions.get(id),
    auth: await Promise.all(TYPES.map(async (type) => [await store.auth.get(id, type, KEYS), await store.auth.highest(id, type)])),
    chats: [await walk(2, (request) => store.chats.page(id, request)), await store.chats.count(id), await Promise.all(CHATS.map((chat) => store.chats.get(id, chat)))],
    contacts: await store.contacts.get(id, PEOPLE),
    journal: [await store.journal.open(id), await Promise.all(HASHES.map((hash) => store.journal.get(id, hash)))],
    devices: [await store.devices.get(id, [...PHONES, ...LIDS]), await store.devices.excess(id, 2, 1)],
    events: [await store.events.after(id, 0, 1000), await store.events.bounds(id)],
    messages,
    own: await Promise.all(IDS.map((messageId) => store.messages.own(id, messageId))),
    group: await store.groups.get(id, 'g@g.us'),
    outbox: [(await store.outbox.pending(id, 0, 9)).map((row) => ({ ...row, position: null })), await store.outbox.count(id)],
  }
}

/** Reads of single rows, which must not wait for what they do not ask for. */
async function points(store: Store, id: string): Promise<unknown> {
  return Promise.all([
    ...TYPES.map((type) => store.auth.get(id, type, KEYS)),
    ...CHATS.flatMap((chat) => [store.chats.get(id, chat), ...IDS.map((messageId) => store.messages.get(id, chat, messageId))]),
    ...CHATS.flatMap((chatId) => ['', ...PEOPLE].map((sender) => store.messages.find(id, { chatId, id: 'A', sender }))),
    ...IDS.map((messageId) => store.messages.own(id, messageId)),
    ...PEOPLE.map((person) => store.contacts.get(id, [person])),
    ...[...PHONES, ...LIDS].map((user) => store.devices.get(id, [user])),
    store.groups.get(id, 'g@g.us'),
    store.outbox.count(id),
    store.sessions.get(id),
  ])
}

/** Random commits against the memory store. */
export function testModel(bench: Bench): void {
  it('does what the memory store does, whatever is committed', { timeout: 120_000 }, async () => {
    const seed = Number(process.env['STORE_MODEL_SEED'] ?? Date.now() % 2_147_483_647)
    console.info(`store model: STORE_MODEL_SEED=${seed}`)
    await fc.assert(
      fc.asyncProperty(fc.array(anyCommit, { minLength: 1, maxLength: 25 }), async (commits) => {
        const id = bench.newSession()
        const model = openMemory()
        const durable: Promise<void>[] = []
        for (const { changes, settle } of [{ changes: [{ kind: 'session.put', session: session(id) } as const], settle: 0 }, ...commits]) {
          durable.push(bench.store.commit(id, changes))
          await model.commit(id, changes)
          if (settle > 0) await durable.at(-1 - settle)
          for (const person of PEOPLE) expect([undefined, model.contacts.atHand(id, person)]).toContainEqual(bench.store.contacts.atHand(id, person))
          // A row that goes may still be found: nobody asks for it. One that is there must be.
          for (const hash of HASHES) {
            const row = await model.journal.get(id, hash)
            expect(row && (await bench.store.journal.get(id, hash))).toEqual(row)
          }
          expect(await points(bench.store, id)).toEqual(await points(model, id))
        }
        expect(await seen(bench.store, id)).toEqual(await seen(model, id))
        await Promise.all(durable)
        expect(await seen(bench.store, id)).toEqual(await seen(model, id))
      }),
      { numRuns: RUNS, seed },
    )
  })
}
