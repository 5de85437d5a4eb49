import { lidJid, phoneJid } from '../jid.ts'
import { joinedChat, newChat, touchedChat } from './rules/chats.ts'
import { contactId, given, mergedContacts, type ContactMerge, type Person } from './rules/contacts.ts'
import { advancedMessage, deletedMessage, editedMessage, reactedMessage, renamedMessage, replacedMessage } from './rules/messages.ts'
import type { Change, ChatRow, ContactRow, GroupRow, MessageKey, MessageRow, OutboxRow, SessionRow } from './store.ts'

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

  apply(change: Exclude<Change, { kind: 'session.delete' }>): void {
    switch (change.kind) {
      case 'session.put':
        this.row = change.session
        return
      case 'auth.put':
        for (const { type, id, value } of change.keys) this.#putKey(type, id, value)
        return
      case 'auth.clear':
        this.auth.clear()
        return
      case 'chat.merge':
        this.#putChat({ ...this.#chat(change.id), ...given(change.fields) })
        return
      case 'chat.touch':
        this.#putChat(touchedChat(this.#chat(change.id), change.timestamp, change.unread))
        return
      case 'chat.delete':
        this.chats.delete(change.id)
        this.#clear(change.id)
        return
      case 'chat.clear':
        this.#clear(change.id)
        return
      case 'contact.merge':
        this.#mergeContact(change)
        return
      case 'message.put':
        this.#putMessage(this.#nextNumber(), change.message)
        return
      case 'message.state':
        this.#changeMessage(change.key, (message) => advancedMessage(message, change))
        return
      case 'message.edit':
        this.#changeMessage(change.key, (message) => editedMessage(message, change))
        return
      case 'message.delete':
        this.#changeMessage(change.key, (message) => deletedMessage(message, change))
        return
      case 'message.react':
        this.#changeMessage(change.key, (message) => reactedMessage(message, change))
        return
      case 'message.remove':
        this.messages.delete(keyOf(change.key))
        return
      case 'group.put':
        this.groups.set(change.group.id, change.group)
        return
      case 'group.delete':
        this.groups.delete(change.id)
        return
      case 'outbox.put': {
        const { id, chatId, content, acceptedAt } = change
        if (!this.outbox.has(id)) this.outbox.set(id, { id, position: this.#nextNumber(), chatId, content, acceptedAt })
        return
      }
      case 'outbox.delete':
        this.outbox.delete(change.id)
        return
    }
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

  #clear(chatId: string): void {
    for (const [key, { row }] of this.messages) if (row.chatId === chatId) this.messages.delete(key)
  }

  #putMessage(place: number, message: MessageRow): void {
    const key = keyOf(message)
    const stored = this.messages.get(key)
    if (stored === undefined) {
      this.messages.set(key, { place, row: message })
      return
    }
    const replaced = replacedMessage(stored.row, message)
    if (replaced !== null) this.messages.set(key, { place: stored.place, row: replaced })
  }

  #changeMessage(key: MessageKey, change: (message: MessageRow) => MessageRow | null): void {
    const stored = this.find(key)
    const changed = stored === null ? null : change(stored.row)
    if (stored !== null && changed !== null) this.messages.set(keyOf(key), { place: stored.place, row: changed })
  }

  #mergeContact(change: ContactMerge): void {
    const { phone, lid } = change
    if (phone === null && lid === null) return
    const byPhone = phone === null ? undefined : this.#people.find((person) => person.phone === phone)
    const byLid = lid === null ? undefined : this.#people.find((person) => person.lid === lid && person !== byPhone)
    const { person, rest } = mergedContacts(change, byPhone ?? null, byLid ?? null)
    this.#people = [...this.#people.filter((other) => other !== byPhone && other !== byLid), person, ...(rest === null ? [] : [rest])]
    if (phone !== null && lid !== null) this.#rename(lidJid(lid), phoneJid(phone))
  }

  #rename(from: string, to: string): void {
    const chat = this.chats.get(from)
    if (chat !== undefined) {
      const there = this.chats.get(to)
      this.chats.delete(from)
      this.#putChat(there === undefined ? { ...chat, id: to } : joinedChat(there, chat))
    }
    for (const [id, row] of this.outbox) if (row.chatId === from) this.outbox.set(id, { ...row, chatId: to })
    for (const [key, { place, row }] of [...this.messages].toSorted(byPlace)) {
      const renamed = renamedMessage(row, from, to)
      if (keyOf(renamed) === key) this.messages.set(key, { place, row: renamed })
      else {
        this.messages.delete(key)
        this.#putMessage(place, renamed)
      }
    }
  }
}

const byPlace = (one: readonly [string, StoredMessage], other: readonly [string, StoredMessage]): number => one[1].place - other[1].place

const keyOf = ({ chatId, id, sender }: MessageKey): string => JSON.stringify([chatId, id, sender])
