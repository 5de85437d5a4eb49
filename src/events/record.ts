import { v7 as uuid } from 'uuid'
import { isStored, type EventType, type StoredEventType } from '../../schemas/event.ts'
import { lidJid, phoneJid } from '../jid.ts'
import type { Change, LogEntry } from '../store/store.ts'
import type { DomainEvent, DomainEventOf } from './domain.ts'
import { toLogged, type Logged, type LoggedChat } from './logged.ts'
import { project } from './project.ts'
import { typeOf } from './telling.ts'

/** Changes of which the store tells whether they took effect: their entry goes to the log only then. */
type MayTell<C> = C extends { readonly event: LogEntry } ? never : C extends { readonly event?: LogEntry } ? ('event' extends keyof C ? C : never) : never
type Gated = MayTell<Change>
const GATED: { readonly [K in Gated['kind']]: true } = {
  'message.put': true, 'message.state': true, 'message.edit': true, 'message.delete': true, 'message.remove': true, 'message.react': true,
  'chat.merge': true, 'chat.delete': true, 'chat.clear': true, 'contact.merge': true,
}

/** What an event writes: its rows and its entry in the log, together. */
export function record(event: DomainEvent, nowMs: number): Change[] {
  const changes = rowsOf(event, nowMs)
  const type = typeOf(event)
  if (type === null || !isStored(type)) return changes
  const entry = entryFor(type, event, nowMs)
  const first = changes[0]
  if (first === undefined || !isGated(first)) return [...changes, { kind: 'event.append', event: entry }]
  return [{ ...first, event: entry }, ...changes.slice(1)]
}

/** What an event of a history writes: rows alone, for none of it is news but how far the history has come. */
export const recordHistory = (event: DomainEvent, nowMs: number): Change[] => (event.type === 'history.progress' ? record(event, nowMs) : rowsOf(event, nowMs))

/** An entry for something that happened now. */
export const entryOf = <T extends StoredEventType>(type: T, chatId: string | null, data: Logged<T>, nowMs: number): LogEntry => toEntry(type, chatId, data, nowMs)

const entryFor = (type: EventType, event: DomainEvent, nowMs: number): LogEntry => toEntry(type, chatOf(event), toLogged(event), nowMs, BARE.has(event.type))

const toEntry = (type: string, chatId: string | null, data: object, nowMs: number, isBare = false): LogEntry => ({
  id: `evt_${uuid()}`,
  type,
  chatId,
  data: isBare ? JSON.stringify(data) : JSON.stringify(data, withoutBytes),
  at: nowMs,
})

/** Facts that are logged without any bytes, and by far the most common ones: to look at each of their fields costs more than to write them. */
const BARE: ReadonlySet<DomainEvent['type']> = new Set<DomainEvent['type']>(['message.received', 'message.sent', 'message.state'])

function rowsOf(event: DomainEvent, nowMs: number): Change[] {
  return event.type === 'contact.updated' ? project(event).map((change) => (change.kind === 'contact.merge' ? { ...change, ...moveOf(event, nowMs) } : change)) : project(event)
}

/** That a phone and a LID are one person may move a chat: then that is told too. */
function moveOf({ phone, lid }: DomainEventOf<'contact.updated'>, nowMs: number): { moved?: LogEntry } {
  if (phone === null || lid === null) return {}
  const moved: LoggedChat = { id: phoneJid(phone), previousId: lidJid(lid), fields: {} }
  return { moved: toEntry('chat.updated', moved.id, moved, nowMs) }
}

const isGated = (change: Change): change is Gated => change.kind in GATED

/** The chat whose order an entry belongs to. */
function chatOf(event: DomainEvent): string | null {
  if ('message' in event) return event.message.chatId
  if ('key' in event) return event.key.chatId
  if ('chatId' in event) return event.chatId
  return event.type.startsWith('chat.') || event.type.startsWith('group.') || event.type === 'contact.picture_changed' ? (event as { readonly id: string }).id : null
}

/** What only WhatsApp understands stays in its row. */
const withoutBytes = (name: string, value: unknown): unknown => (name === 'raw' || value instanceof Uint8Array ? undefined : value)
