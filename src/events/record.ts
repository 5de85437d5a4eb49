import { v7 as uuid } from 'uuid'
import type { Change, LogEntry } from '../store/store.ts'
import type { DomainEvent } from './domain.ts'
import { project } from './project.ts'

/** Facts that are not kept: rows of history, what only holds for the moment, and what follows from other facts. */
const UNTOLD = new Set<DomainEvent['type']>(['message.stored', 'presence.updated', 'chat.touched', 'chat.updated', 'contact.updated', 'contact.picture_changed', 'newsletter.viewed', 'account.capped'])

/** Changes of which the store tells whether they took effect: their entry goes to the log only then. */
const GATED = new Set<Change['kind']>(['message.put', 'message.state', 'message.edit', 'message.delete', 'message.react'])

/** What an event writes: its rows and its entry in the log, together. */
export function record(event: DomainEvent, nowMs: number): Change[] {
  const changes = project(event)
  if (UNTOLD.has(event.type)) return changes
  const entry = toEntry(event, nowMs)
  const first = changes[0]
  if (first === undefined || !GATED.has(first.kind)) return [...changes, { kind: 'event.append', event: entry }]
  return [{ ...first, event: entry } as Change, ...changes.slice(1)]
}

/** An entry for something that happened now; `data` is any JSON. */
export const entryOf = (type: string, chatId: string | null, data: object, nowMs: number): LogEntry => ({ id: `evt_${uuid()}`, type, chatId, data: JSON.stringify(data, withoutBytes), at: nowMs })

const toEntry = ({ type, ...facts }: DomainEvent, nowMs: number): LogEntry => entryOf(type, chatOf(facts), facts, nowMs)

function chatOf(facts: Record<string, unknown>): string | null {
  const holder = (facts['message'] ?? facts['key'] ?? facts) as { chatId?: unknown }
  return typeof holder.chatId === 'string' ? holder.chatId : null
}

/** What only WhatsApp understands stays in its row. */
const withoutBytes = (name: string, value: unknown): unknown => (name === 'raw' || value instanceof Uint8Array ? undefined : value)
