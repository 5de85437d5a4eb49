import type { BaileysEventMap } from '@whiskeysockets/baileys'
import { isLid } from '../../jid.ts'
import type { MessageKey } from '../../store/store.ts'
import { keyText, type Directory, type Needs } from './directory.ts'
import { toDomainEvents, type BaileysEventName } from './index.ts'

/** What has to be loaded before the event is converted: found by converting it once with a directory that writes down what it is asked and does not know. */
export function needsOf<E extends BaileysEventName>(name: E, payload: BaileysEventMap[E], directory: Directory): Needs {
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
  toDomainEvents(name, payload, { directory: asking, nowMs: 0, sentHere: () => false, encode: false })
  return { contacts, groups, chats, messages: [...messages.values()], keys: [...keys.values()] }
}
