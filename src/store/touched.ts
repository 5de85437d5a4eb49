import { lidJid, phoneJid } from '../jid.ts'
import type { Change } from './store.ts'

/** Names of what a commit on its way to the disk will change, within its session. A key's value, where it has one, is what a read must answer meanwhile. */
export const key = {
  everything: '*',
  session: 'session',
  allAuth: 'auth',
  auth: (type: string, id: string) => `auth\0${type}\0${id}`,
  chat: (id: string) => `chat\0${id}`,
  /** A message comes to the chat, or goes: its time and its unread count change, and it may begin to be. */
  touch: (id: string) => `touch\0${id}`,
  contact: (id: string) => `contact\0${id}`,
  message: (id: string) => `message\0${id}`,
  /** Whatever names this chat or person may move, change or go. */
  jid: (id: string) => `jid\0${id}`,
  group: (id: string) => `group\0${id}`,
  outbox: 'outbox',
  allDevices: 'devices',
  devices: (user: string) => `devices\0${user}`,
  journal: (hash: string) => `journal\0${hash}`,
} as const

/** Every key that a change touches. */
export function keysOf(change: Change): string[] {
  switch (change.kind) {
    case 'session.put':
      return [key.session]
    case 'session.delete':
      return [key.session, key.allAuth, key.everything]
    case 'auth.put':
      return change.keys.map(({ type, id }) => key.auth(type, id))
    case 'auth.clear':
    case 'auth.archive':
      return [key.allAuth, key.allDevices]
    case 'chat.merge':
      return [key.chat(change.id)]
    case 'chat.touch':
      return [key.touch(change.id)]
    case 'chat.delete':
      return [key.chat(change.id), key.jid(change.id)]
    case 'chat.clear':
      return [key.jid(change.id)]
    case 'contact.merge': {
      const ids = [...(change.phone === null ? [] : [phoneJid(change.phone)]), ...(change.lid === null ? [] : [lidJid(change.lid)])]
      return ids.flatMap((id) => (ids.length === 2 ? [key.contact(id), key.chat(id), key.jid(id)] : [key.contact(id)]))
    }
    case 'message.put':
      return change.touch === undefined ? [key.message(change.message.id)] : [key.message(change.message.id), key.touch(change.message.chatId)]
    case 'message.state':
    case 'message.edit':
    case 'message.delete':
    case 'message.remove':
    case 'message.react':
      return [key.message(change.key.id)]
    case 'group.put':
      return [key.group(change.group.id)]
    case 'group.delete':
      return [key.group(change.id)]
    case 'outbox.put':
    case 'outbox.delete':
      return [key.outbox]
    case 'journal.put':
      return [key.journal(change.row.hash)]
    case 'journal.close':
      return [key.journal(change.hash)]
    case 'devices.put':
      return change.lists.map(({ user }) => key.devices(user))
    case 'devices.prune':
      return [key.allDevices]
    // Lists of the journal, the log and webhooks wait for all that the session has enqueued, and a row that goes is one that nobody asks for.
    case 'journal.forget':
    case 'journal.prune':
    case 'event.append':
    case 'event.restore':
    case 'event.prune':
    case 'webhook.put':
    case 'webhook.delete':
    case 'webhook.cursor':
    case 'delivery.put':
    case 'delivery.rewind':
    case 'delivery.prune':
    case 'delivery.drop':
      return []
  }
}
