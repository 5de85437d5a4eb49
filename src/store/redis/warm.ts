import { lidJid, phoneJid } from '../../jid.ts'
import type { Change } from '../store.ts'
import type { Draft } from './draft.ts'
import type { GatewayKeys } from './keys.ts'

/** Asks for the rows that a change will look at, so that those of many changes come in one round trip. */
export function warm(draft: Draft, gateway: GatewayKeys, change: Change): Promise<unknown>[] {
  const { keys } = draft
  switch (change.kind) {
    case 'session.put':
    case 'session.delete':
      return [draft.field(gateway.sessions, keys.id)]
    case 'auth.put':
      return [...new Set(change.keys.map(({ type }) => type))].map((type) => draft.field(keys.authTypes, type))
    case 'chat.merge':
    case 'chat.touch':
    case 'chat.delete':
      return [draft.field(keys.chats, change.id)]
    case 'contact.merge':
      return [...(change.phone === null ? [] : [phoneJid(change.phone)]), ...(change.lid === null ? [] : [lidJid(change.lid)])].map((jid) => draft.field(keys.contacts, jid))
    case 'message.put': {
      const { chatId, id, sender } = change.message
      return [
        draft.field(keys.messages(chatId), id),
        draft.field(keys.rooms, chatId),
        ...(change.touch === undefined ? [] : [draft.field(keys.chats, chatId)]),
        ...(sender === '' ? [draft.field(keys.own, id)] : []),
      ]
    }
    case 'message.state':
    case 'message.edit':
    case 'message.delete':
    case 'message.remove':
    case 'message.react':
      return [draft.field(keys.messages(change.key.chatId), change.key.id)]
    case 'outbox.put':
    case 'outbox.delete':
      return [draft.field(keys.outbox, change.id)]
    case 'journal.put':
      return [draft.field(keys.journal, change.row.hash)]
    case 'journal.close':
      return [draft.field(keys.journal, change.hash)]
    case 'journal.forget':
      return change.hashes.map((hash) => draft.field(keys.journal, hash))
    case 'devices.put':
      return change.lists.map(({ user }) => draft.field(keys.devices, user))
    case 'delivery.put':
      return [draft.field(keys.deliveries(change.delivery.webhookId), String(change.delivery.seq))]
    case 'webhook.put':
      return [draft.field(gateway.webhooks, change.webhook.id)]
    case 'webhook.delete':
      return [draft.field(gateway.webhooks, change.id)]
    case 'auth.clear':
    case 'auth.archive':
    case 'chat.clear':
    case 'group.put':
    case 'group.delete':
    case 'journal.prune':
    case 'devices.prune':
    case 'event.append':
    case 'event.restore':
    case 'event.prune':
    case 'webhook.cursor':
    case 'delivery.rewind':
    case 'delivery.prune':
    case 'delivery.drop':
      return []
  }
}
