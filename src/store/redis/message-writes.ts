import { isLid } from '../../jid.ts'
import { advancedMessage, deletedMessage, editedMessage, peopleIn, reactedMessage, renamedMessage, replacedMessage } from '../rules/messages.ts'
import type { LogEntry, MessageKey, MessageRow, MessageView } from '../store.ts'
import { touchChat } from './chats.ts'
import type { Writes } from './commit.ts'
import type { Draft } from './draft.ts'
import { inOrder, orderOf, rawName, storedAt, textOf, wholeMessage, type OwnPlaces, type Stored } from './messages.ts'

/** Members of a chat's order that are read at once. */
const CHUNK = 1000

/** How a message that names a LID is found by it. */
const traceOf = (lid: string, { chatId, id, sender }: MessageKey): string => JSON.stringify([lid, chatId, id, sender])
const tracePrefix = (lid: string): string => `${JSON.stringify([lid]).slice(0, -1)},`
const tracedBy = (member: string): MessageKey => {
  const [, chatId, id, sender] = JSON.parse(member) as [string, string, string, string]
  return { chatId, id, sender }
}

const lidsIn = (message: MessageView): string[] => [...peopleIn(message)].filter(isLid)

async function find(draft: Draft, { chatId, id, sender }: MessageKey): Promise<Stored | null> {
  return (await storedAt(draft, draft.keys, chatId, id)).find(({ row }) => row.sender === sender) ?? null
}

/** Writes all that stands under one id in a chat. */
function putAll(draft: Draft, chatId: string, id: string, all: readonly Stored[]): void {
  if (all.length === 0) draft.drop(draft.keys.messages(chatId), id)
  else draft.put(draft.keys.messages(chatId), id, textOf(all))
}

async function changeOwn(draft: Draft, id: string, change: (places: OwnPlaces) => OwnPlaces): Promise<void> {
  const text = await draft.field(draft.keys.own, id)
  const places = change(text === null ? [] : (JSON.parse(text) as OwnPlaces))
  if (places.length === 0) draft.drop(draft.keys.own, id)
  else draft.put(draft.keys.own, id, JSON.stringify(places.toSorted(([one], [other]) => one - other)))
}

function putRaw(draft: Draft, { chatId, id, sender }: MessageKey, raw: Uint8Array | null): void {
  const key = draft.keys.raw(chatId)
  if (raw === null) draft.drop(key, rawName({ id, sender }))
  // The client takes a plain array of bytes for text.
  else draft.put(key, rawName({ id, sender }), Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength))
}

async function insert(draft: Draft, place: number, { raw, ...row }: MessageRow): Promise<void> {
  const { keys } = draft
  const stored: Stored = { place, row, hasRaw: raw !== null }
  if ((await draft.field(keys.rooms, row.chatId)) === null) draft.put(keys.rooms, row.chatId, '')
  putAll(draft, row.chatId, row.id, [...(await storedAt(draft, keys, row.chatId, row.id)), stored])
  if (raw !== null) putRaw(draft, row, raw)
  draft.add(keys.messageOrder(row.chatId), orderOf(stored))
  if (row.sender === '') await changeOwn(draft, row.id, (places) => [...places, [place, row.chatId]])
  trace(draft, row, [])
}

/** Adds the traces of the LIDs that a message names now and did not before. */
function trace(draft: Draft, row: MessageView, before: readonly string[]): void {
  for (const lid of lidsIn(row)) if (!before.includes(lid)) draft.add(draft.keys.traces, traceOf(lid, row))
}

async function remove(draft: Draft, stored: Stored): Promise<void> {
  const { keys } = draft
  const { chatId, id, sender } = stored.row
  putAll(draft, chatId, id, (await storedAt(draft, keys, chatId, id)).filter(({ place }) => place !== stored.place))
  if (stored.hasRaw) putRaw(draft, stored.row, null)
  draft.take(keys.messageOrder(chatId), orderOf(stored))
  if (sender === '') await changeOwn(draft, id, (places) => places.filter(([place]) => place !== stored.place))
  for (const lid of lidsIn(stored.row)) draft.take(keys.traces, traceOf(lid, stored.row))
}

/** Writes a message over itself, under the same key; `raw` undefined leaves the bytes as they are. */
async function save(draft: Draft, before: Stored, row: MessageView, raw: Uint8Array | null | undefined): Promise<void> {
  const { chatId, id } = row
  const hasRaw = raw === undefined ? before.hasRaw : raw !== null
  const after: Stored = { place: before.place, row, hasRaw }
  putAll(draft, chatId, id, (await storedAt(draft, draft.keys, chatId, id)).map((stored) => (stored.place === before.place ? after : stored)))
  if (raw !== undefined && (hasRaw || before.hasRaw)) putRaw(draft, row, raw)
  const lids = lidsIn(before.row)
  trace(draft, row, lids)
  const left = lidsIn(row)
  for (const lid of lids) if (!left.includes(lid)) draft.take(draft.keys.traces, traceOf(lid, row))
}

/** True when the stored message gave way. */
async function replace(draft: Draft, there: Stored, put: MessageRow): Promise<boolean> {
  const replaced = replacedMessage(await wholeMessage(draft, draft.keys, there), put)
  if (replaced === null) return false
  const { raw, ...row } = replaced
  await save(draft, there, row, raw)
  return true
}

/** Changes a message with all its bytes. */
async function changeWhole(draft: Draft, { key, event }: { readonly key: MessageKey; readonly event?: LogEntry }, changed: (message: MessageRow) => MessageRow | null): Promise<void> {
  const before = await find(draft, key)
  const after = before === null ? null : changed(await wholeMessage(draft, draft.keys, before))
  if (before === null || after === null) return
  const { raw, ...row } = after
  await save(draft, before, row, raw)
  draft.append(event)
}

/** As `changeWhole`, for what leaves the bytes as they are. */
async function changeView(draft: Draft, { key, event }: { readonly key: MessageKey; readonly event?: LogEntry }, changed: (message: MessageView) => MessageView | null): Promise<void> {
  const before = await find(draft, key)
  const after = before === null ? null : changed(before.row)
  if (before === null || after === null) return
  await save(draft, before, after, undefined)
  draft.append(event)
}

/** Deletes the messages of a chat; says whether there were any. */
export async function clearMessages(draft: Draft, chatId: string): Promise<boolean> {
  const { keys } = draft
  let after: string | undefined
  let any = false
  for (;;) {
    const members: readonly string[] = await draft.members(keys.messageOrder(chatId), { ...(after === undefined ? {} : { after }), count: CHUNK })
    if (members.length === 0) break
    any = true
    after = members.at(-1)
    const ids = [...new Set(members.map((member) => inOrder(member).id))]
    const owned = await draft.fields(keys.own, ids)
    for (const [at, id] of ids.entries()) if (owned[at] !== null) await changeOwn(draft, id, (places) => places.filter(([, chat]) => chat !== chatId))
  }
  if (!any) return false
  // A trace of a message that is gone leads nowhere, and goes with its LID.
  for (const key of [keys.messages(chatId), keys.raw(chatId), keys.messageOrder(chatId)]) draft.unlink(key)
  draft.drop(keys.rooms, chatId)
  return true
}

async function* inChat(draft: Draft, chatId: string): AsyncGenerator<Stored> {
  const { keys } = draft
  let after: string | undefined
  for (;;) {
    const members: readonly string[] = await draft.members(keys.messageOrder(chatId), { ...(after === undefined ? {} : { after }), count: CHUNK })
    if (members.length === 0) return
    after = members.at(-1)
    for (const member of members) {
      const { place, id } = inOrder(member)
      const stored = (await storedAt(draft, keys, chatId, id)).find((other) => other.place === place)
      if (stored !== undefined) yield stored
    }
  }
}

/** Moves the messages of a person, and of the chat with that person, from a LID to a phone. */
export async function renameInMessages(draft: Draft, from: string, to: string): Promise<void> {
  const traces = await draft.members(draft.keys.traces, { prefix: tracePrefix(from) })
  const found = new Map<number, MessageKey>()
  for (const key of traces.map(tracedBy)) {
    const stored = await find(draft, key)
    if (stored !== null) found.set(stored.place, stored.row)
  }
  for await (const { place, row } of inChat(draft, from)) found.set(place, row)
  for (const [place, key] of [...found].toSorted(([one], [other]) => one - other)) {
    const before = await find(draft, key)
    // One before it may have taken its place meanwhile.
    if (before === null || before.place !== place) continue
    const after = renamedMessage(await wholeMessage(draft, draft.keys, before), from, to)
    const { raw, ...row } = after
    if (after.chatId === key.chatId && after.sender === key.sender) {
      await save(draft, before, row, raw)
      continue
    }
    await remove(draft, before)
    const there = await find(draft, after)
    if (there === null) await insert(draft, place, after)
    else await replace(draft, there, after)
  }
  for (const member of await draft.members(draft.keys.traces, { prefix: tracePrefix(from) })) draft.take(draft.keys.traces, member)
}

/** Writes of messages. */
export const messageWrites: Writes<'message.put' | 'message.state' | 'message.edit' | 'message.delete' | 'message.remove' | 'message.react'> = {
  async 'message.put'({ draft }, { message, touch, event }) {
    const there = await find(draft, message)
    if (there === null) await insert(draft, draft.nextNumber(), message)
    else if (!(await replace(draft, there, message))) return
    if (touch !== undefined) await touchChat(draft, message.chatId, message.timestamp, touch.unread)
    draft.append(event)
  },
  'message.state': ({ draft }, state) => changeView(draft, state, (message) => advancedMessage(message, state)),
  'message.edit': ({ draft }, edit) => changeWhole(draft, edit, (message) => editedMessage(message, edit)),
  'message.delete': ({ draft }, deletion) => changeWhole(draft, deletion, (message) => deletedMessage(message, deletion)),
  'message.react': ({ draft }, reaction) => changeView(draft, reaction, (message) => reactedMessage(message, reaction)),
  async 'message.remove'({ draft }, { key, event }) {
    const stored = await find(draft, key)
    if (stored === null) return
    await remove(draft, stored)
    draft.append(event)
  },
}
