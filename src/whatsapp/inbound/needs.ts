import type { BaileysEventMap } from '@whiskeysockets/baileys'
import type { DomainEvent } from '../../events/domain.ts'
import { isLid } from '../../jid.ts'
import type { MessageKey } from '../../store/store.ts'
import { keyText, type Directory, type Needs } from './directory.ts'
import { toDomainEvents, type BaileysEventName, type InboundContext } from './index.ts'

/** An event as its directory lets it be converted, and what the directory was asked and does not know: taken for absent here. */
export interface Asked {
  readonly events: DomainEvent[]
  readonly needs: Needs
}

/** What has to be loaded before the event is converted. */
export const needsOf = <E extends BaileysEventName>(name: E, payload: BaileysEventMap[E], directory: Directory): Needs =>
  convertAsking(name, payload, { directory, nowMs: 0, sentHere: () => false, encode: false }).needs

/** Converts the event with a directory that writes down what it is asked and does not know. */
export function convertAsking<E extends BaileysEventName>(name: E, payload: BaileysEventMap[E], context: InboundContext): Asked {
  const { directory } = context
  const contacts = new Set<string>()
  const groups = new Set<string>()
  const chats = new Set<string>()
  const keys = new Map<string, MessageKey>()
  const messages = new Map<string, { readonly chatId: string; readonly id: string }>()
  const asking: Directory = {
    own: directory.own,
    canonical(jid) {
      const id = directory.canonical(jid)
      if (isLid(id)) contacts.add(id)
      return id
    },
    contact(id) {
      const contact = directory.contact(id)
      if (contact === null) contacts.add(id)
      return contact
    },
    group(id) {
      const group = directory.group(id)
      if (group === null) groups.add(id)
      return group
    },
    chat(id) {
      const chat = directory.chat(id)
      if (chat === null) chats.add(id)
      return chat
    },
    senderOf(chatId, id) {
      const sender = directory.senderOf(chatId, id)
      if (sender === null) messages.set(`${chatId} ${id}`, { chatId, id })
      return sender
    },
    typeOf(key) {
      const type = directory.typeOf(key)
      if (type === null) keys.set(keyText(key), key)
      return type
    },
  }
  const events = toDomainEvents(name, payload, { ...context, directory: asking })
  return { events, needs: { contacts, groups, chats, messages: [...messages.values()], keys: [...keys.values()] } }
}
