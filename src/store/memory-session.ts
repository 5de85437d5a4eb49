import { isDeepStrictEqual } from 'node:util'
import { lidJid, phoneJid } from '../jid.ts'
import { joinedChat, mergedChat, newChat, touchedChat } from './rules/chats.ts'
import { contactId, mergedContacts, type ContactMerge, type Person } from './rules/contacts.ts'
import { advancedMessage, deletedMessage, editedMessage, reactedMessage, renamedMessage, replacedMessage } from './rules/messages.ts'
import type { Change, ChatRow, ContactRow, DeviceListRow, EventRow, GroupRow, JournalRow, LogEntry, MessageKey, MessageRow, OutboxRow, SessionRow } from './store.ts'
import type { WebhookChange } from './webhooks.ts'

/** A message and its place in the order of storing. */
export interface StoredMessage {
  readonly place: number
  readonly row: MessageRow
}

/** All that the memory store holds of one session. */
export class MemorySession {
  row: SessionRow | null = null
  readonly auth = new Map<string, Map<string, string>>()
  readonly chats = new Map<string, ChatRow>()
  readonly messages = new Map<string, StoredMessage>()
  readonly groups = new Map<string, GroupRow>()
  readonly outbox = new Map<string, OutboxRow>()
  readonly journal = new Map<string, JournalRow>()
  readonly devices = new Map<string, DeviceListRow>()
  events: (EventRow & { readonly place: number })[] = []
  /** The seq of the newest entry ever written. */
  head = 0
  /** The place of the newest entry that was removed. */
  removed = 0
  #people: Person[] = []
  readonly #nextNumber: () => number

  constructor(nextNumber: () => number) {
    this.#nextNumber = nextNumber
  }

  contact(id: string): ContactRow | null {
    const person = this.#people.find(({ phone, lid }) => (phone !== null && phoneJid(phone) === id) || (lid !== null && lidJid(lid) === id))
    return person === undefined ? null : { id: contactId(person.phone, person.lid), ...person }
  }

  find(key: MessageKey): StoredMessage | null {
    return this.messages.get(keyOf(key)) ?? null
  }

  excessDevices(before: number, keep: number): number {
    const old = [...this.devices.values()].filter(({ at }) => at < before).length
    return Math.max(old, this.devices.size - keep, 0)
  }

  apply(change: Exclude<Change, { kind: 'session.delete' } | WebhookChange>): void {
    switch (change.kind) {
      case 'session.put':
        this.row = change.session
        return
      case 'auth.put':
        for (const { type, id, value } of change.keys) this.#putKey(type, id, value)
        return
      case 'auth.clear':
      case 'auth.archive':
        this.auth.clear()
        this.devices.clear()
        return
      case 'chat.merge':
        this.#mergeChat(change)
        return
      case 'chat.touch':
        this.#putChat(touchedChat(this.#chat(change.id), change.timestamp, change.unread))
        return
      case 'chat.delete':
        this.#clear(change.id)
        if (this.chats.delete(change.id)) this.#append(change.event)
        return
      case 'chat.clear':
        if (this.#clear(change.id)) this.#append(change.event)
        return
      case 'contact.merge':
        this.#mergeContact(change)
        return
      case 'message.put':
        if (!this.#putMessage(this.#nextNumber(), change.message)) return
        if (change.touch !== undefined) this.#putChat(touchedChat(this.#chat(change.message.chatId), change.message.timestamp, change.touch.unread))
        this.#append(change.event)
        return
      case 'message.state':
        this.#changeMessage(change, (message) => advancedMessage(message, change))
        return
      case 'message.edit':
        this.#changeMessage(change, (message) => editedMessage(message, change))
        return
      case 'message.delete':
        this.#changeMessage(change, (message) => deletedMessage(message, change))
        return
      case 'message.react':
        this.#changeMessage(change, (message) => reactedMessage(message, change))
        return
      case 'message.remove':
        if (this.messages.delete(keyOf(change.key))) this.#append(change.event)
        return
      case 'group.put':
        this.groups.set(change.group.id, change.group)
        return
      case 'group.delete':
        this.groups.delete(change.id)
        return
      case 'outbox.put': {
        const { id, chatId, content, acceptedAt, expiresAt } = change
        if (!this.outbox.has(id)) this.outbox.set(id, { id, position: this.#nextNumber(), chatId, content, acceptedAt, expiresAt })
        return
      }
      case 'outbox.delete':
        this.outbox.delete(change.id)
        return
      case 'journal.put':
        if (!this.journal.has(change.row.hash)) this.journal.set(change.row.hash, change.row)
        return
      case 'journal.close': {
        const row = this.journal.get(change.hash)
        if (row !== undefined) this.journal.set(change.hash, { ...row, open: null })
        return
      }
      case 'journal.forget':
        for (const hash of change.hashes) if (this.journal.get(hash)?.open === null) this.journal.delete(hash)
        return
      case 'journal.prune':
        for (const [hash] of [...this.journal].filter(([, { at }]) => at < change.before).toSorted(([, one], [, other]) => one.at - other.at).slice(0, change.limit)) this.journal.delete(hash)
        return
      case 'devices.put':
        for (const { user, value } of change.lists) {
          if (value === null) this.devices.delete(user)
          else this.devices.set(user, { value, at: change.at })
        }
        return
      case 'devices.prune':
        for (const user of this.#oldestDevices().slice(0, Math.min(change.limit, this.excessDevices(change.before, change.keep)))) this.devices.delete(user)
        return
      case 'event.append':
        this.#append(change.event)
        return
      case 'event.restore':
        for (const { sessionId: _, ...entry } of change.entries) if (entry.seq > this.head) this.events.push(entry)
        this.head = Math.max(this.head, ...change.entries.map(({ seq }) => seq))
        this.removed = Math.max(this.removed, change.removed)
        return
      case 'event.prune': {
        this.#prune(change)
        return
      }
    }
  }

  /** Ties by user. */
  #oldestDevices(): string[] {
    return [...this.devices].toSorted(([one, { at }], [other, { at: otherAt }]) => at - otherAt || Buffer.compare(Buffer.from(one), Buffer.from(other))).map(([user]) => user)
  }

  #putKey(type: string, id: string, value: string | null): void {
    const values = this.auth.get(type) ?? new Map<string, string>()
    this.auth.set(type, values)
    if (value === null) values.delete(id)
    else values.set(id, value)
  }

  #chat(id: string): ChatRow {
    return this.chats.get(id) ?? newChat(id)
  }

  #putChat(chat: ChatRow): void {
    this.chats.set(chat.id, chat)
  }

  #mergeChat({ id, fields, event }: Extract<Change, { kind: 'chat.merge' }>): void {
    const before = this.#chat(id)
    const merged = mergedChat(before, fields)
    this.#putChat(merged ?? before)
    if (merged !== null) this.#append(event)
  }

  /** True when there was a message. */
  #clear(chatId: string): boolean {
    const before = this.messages.size
    for (const [key, { row }] of this.messages) if (row.chatId === chatId) this.messages.delete(key)
    return this.messages.size < before
  }

  #prune({ before, keep = Infinity, limit = Infinity }: Extract<Change, { kind: 'event.prune' }>): void {
    const last = this.events.length - 1
    const young = this.events.findIndex(({ at }) => at >= before)
    const gone = Math.min(Math.max(young === -1 ? last : young, this.events.length - keep), last, limit)
    if (gone <= 0) return
    this.removed = Math.max(this.removed, this.events[gone - 1]?.place ?? 0)
    this.events = this.events.slice(gone)
  }

  #append(entry: LogEntry | undefined): void {
    if (entry === undefined) return
    this.head += 1
    this.events.push({ seq: this.head, ...entry, place: this.#nextNumber() })
  }

  /** False when the stored message stays. */
  #putMessage(place: number, message: MessageRow): boolean {
    const key = keyOf(message)
    const stored = this.messages.get(key)
    if (stored === undefined) {
      this.messages.set(key, { place, row: message })
      return true
    }
    const replaced = replacedMessage(stored.row, message)
    if (replaced !== null) this.messages.set(key, { place: stored.place, row: replaced })
    return replaced !== null
  }

  #changeMessage({ key, event }: { readonly key: MessageKey; readonly event?: LogEntry }, change: (message: MessageRow) => MessageRow | null): void {
    const stored = this.find(key)
    const changed = stored === null ? null : change(stored.row)
    if (stored === null || changed === null) return
    this.messages.set(keyOf(key), { place: stored.place, row: changed })
    this.#append(event)
  }

  #mergeContact(change: ContactMerge): void {
    const { phone, lid } = change
    if (phone === null && lid === null) return
    const byPhone = phone === null ? undefined : this.#people.find((person) => person.phone === phone)
    const byLid = lid === null ? undefined : this.#people.find((person) => person.lid === lid && person !== byPhone)
    const { person, rest } = mergedContacts(change, byPhone ?? null, byLid ?? null)
    const before = byPhone ?? (rest === null ? byLid : undefined)
    this.#people = [...this.#people.filter((other) => other !== byPhone && other !== byLid), person, ...(rest === null ? [] : [rest])]
    if (!isDeepStrictEqual(before, person) || (rest === null && byLid !== undefined && byLid !== before)) this.#append(change.event)
    if (phone !== null && lid !== null && this.#rename(lidJid(lid), phoneJid(phone))) this.#append(change.moved)
  }

  /** True when a chat went under another id. */
  #rename(from: string, to: string): boolean {
    const chat = this.chats.get(from)
    if (chat !== undefined) {
      const there = this.chats.get(to)
      this.chats.delete(from)
      this.#putChat(there === undefined ? { ...chat, id: to } : joinedChat(there, chat))
    }
    for (const [id, row] of this.outbox) if (row.chatId === from) this.outbox.set(id, { ...row, chatId: to })
    for (const [key] of [...this.messages].toSorted(byPlace)) {
      // One before it may have taken its place meanwhile.
      const stored = this.messages.get(key)
      if (stored === undefined) continue
      const { place, row } = stored
      const renamed = renamedMessage(row, from, to)
      if (keyOf(renamed) === key) this.messages.set(key, { place, row: renamed })
      else {
        this.messages.delete(key)
        this.#putMessage(place, renamed)
      }
    }
    return chat !== undefined
  }
}

const byPlace = (one: readonly [string, StoredMessage], other: readonly [string, StoredMessage]): number => one[1].place - other[1].place

const keyOf = ({ chatId, id, sender }: MessageKey): string => JSON.stringify([chatId, id, sender])
