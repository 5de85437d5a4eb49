import type { Change, ChatRow, ContactRow, MessageRow, PlacedEventRow, SessionRow } from './store.ts'
import type { CursorRow, DeliveryRow, WebhookRow } from './webhooks.ts'

/** A key as it is stored. */
export interface StoredKey {
  readonly type: string
  readonly id: string
  readonly value: string
}

/** All that a store holds, as another can take it: read while nobody writes. Lists come in their order, oldest first. */
export interface Dump {
  sessions(): Promise<readonly SessionRow[]>
  keys(sessionId: string): AsyncIterable<readonly StoredKey[]>
  /** Keys that were moved out of the way, and when; null without any. */
  archived(sessionId: string): Promise<{ readonly keys: readonly StoredKey[]; readonly at: number } | null>
  contacts(sessionId: string): AsyncIterable<readonly Omit<ContactRow, 'id'>[]>
  chats(sessionId: string): AsyncIterable<readonly ChatRow[]>
  messages(sessionId: string): AsyncIterable<readonly MessageRow[]>
  /** Groups, sends that wait, the journal and device lists. */
  rest(sessionId: string): AsyncIterable<readonly Change[]>
  /** Entries after a place. */
  log(after: number): AsyncIterable<readonly PlacedEventRow[]>
  /** The place of the newest entry that retention removed. */
  removed(): Promise<number>
  webhooks(): Promise<readonly WebhookRow[]>
  cursors(): Promise<readonly CursorRow[]>
  deliveries(): AsyncIterable<readonly DeliveryRow[]>
  close(): Promise<void>
}

/** What a move tells while it goes on. */
export type Progress = (words: string) => void

/** How a target is written to. */
export interface Target {
  sessions(): Promise<readonly string[]>
  /** The place of the newest entry that it has. */
  place(): Promise<number>
  commit(sessionId: string, changes: readonly Change[]): Promise<void>
}

/** Thrown for a move that must not be made; the message says why. */
export class MoveRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'MoveRefused'
  }
}

/**
 * Copies everything into an empty store, or goes on with a copy that was broken off: sessions that are there whole are left alone,
 * since a session's own row comes last; the log goes on after its newest entry. The source stays as it is.
 */
export async function move(from: Dump, to: Target, tell: Progress): Promise<void> {
  const rows = await from.sessions()
  const done = new Set(await to.sessions())
  const strangers = [...done].filter((id) => !rows.some((row) => row.id === id))
  if (strangers.length > 0) throw new MoveRefused(`The target holds other sessions already, such as '${strangers[0] ?? ''}': move into an empty one.`)
  for (const webhook of await from.webhooks()) await to.commit('', [{ kind: 'webhook.put', webhook }])
  for (const [place, row] of rows.entries()) {
    if (done.has(row.id)) continue
    const count = await moveSession(from, to, row)
    tell(`session ${place + 1} of ${rows.length}: '${row.id}', ${count} messages`)
  }
  const events = await moveLog(from, to)
  for (const { sessionId, ...cursor } of await from.cursors()) await to.commit(sessionId, [{ kind: 'webhook.cursor', cursor }])
  let deliveries = 0
  for await (const some of from.deliveries()) {
    for (const { sessionId, ...delivery } of some) await to.commit(sessionId, [{ kind: 'delivery.put', delivery }])
    deliveries += some.length
  }
  tell(`${events} events, ${deliveries} deliveries`)
}

async function moveSession(from: Dump, to: Target, row: SessionRow): Promise<number> {
  const { id } = row
  // What an earlier copy left of it.
  await to.commit(id, [{ kind: 'session.delete' }])
  const archived = await from.archived(id)
  if (archived !== null) await to.commit(id, [{ kind: 'auth.put', keys: archived.keys }, { kind: 'auth.archive', at: archived.at }])
  for await (const keys of from.keys(id)) await to.commit(id, [{ kind: 'auth.put', keys }])
  for await (const contacts of from.contacts(id)) await to.commit(id, contacts.map(({ phone, lid, ...fields }) => ({ kind: 'contact.merge', phone, lid, fields })))
  for await (const chats of from.chats(id)) await to.commit(id, chats.map(({ id: chatId, ...fields }) => ({ kind: 'chat.merge', id: chatId, fields })))
  let count = 0
  for await (const messages of from.messages(id)) {
    await to.commit(id, messages.map((message) => ({ kind: 'message.put', message })))
    count += messages.length
  }
  for await (const changes of from.rest(id)) await to.commit(id, changes)
  await to.commit(id, [{ kind: 'session.put', session: row }])
  return count
}

async function moveLog(from: Dump, to: Target): Promise<number> {
  const removed = await from.removed()
  let count = 0
  for await (const rows of from.log(await to.place())) {
    // One commit for each run of entries of one session: their places must not go back.
    for (let at = 0; at < rows.length; ) {
      const sessionId = rows[at]?.sessionId ?? ''
      const run: PlacedEventRow[] = []
      for (let row = rows[at]; row !== undefined && row.sessionId === sessionId; row = rows[at]) {
        run.push(row)
        at += 1
      }
      await to.commit(sessionId, [{ kind: 'event.restore', entries: run, removed }])
      count += run.length
    }
  }
  return count
}
