import type { Change } from '../store/store.ts'
import type { DomainEvent, DomainEventOf } from './domain.ts'

/** The rows that an event writes. Facts without a row of their own write none. */
export function project(event: DomainEvent): Change[] {
  switch (event.type) {
    case 'message.received':
      return [{ kind: 'message.put', message: event.message, touch: { unread: event.unread } }]
    case 'message.sent':
    case 'message.undecryptable':
      return [{ kind: 'message.put', message: event.message, touch: { unread: 0 } }]
    case 'message.stored':
      return [{ kind: 'message.put', message: event.message, ...(event.touch ? { touch: { unread: 0 } } : {}) }]
    case 'message.state':
      return [{ kind: 'message.state', key: event.key, state: event.state, at: event.at, ...(event.error === null ? {} : { error: event.error }) }]
    case 'message.edited':
      return [{ kind: 'message.edit', key: event.key, text: event.text, at: event.at, raw: event.raw }]
    case 'message.deleted':
      return [{ kind: 'message.delete', key: event.key, at: event.at }]
    case 'message.removed':
      return [{ kind: 'message.remove', key: event.key }]
    case 'message.reaction':
      return [{ kind: 'message.react', key: event.key, from: event.from, emoji: event.emoji, timestamp: event.timestamp }]
    case 'chat.updated':
      return [{ kind: 'chat.merge', id: event.id, fields: event.fields }]
    case 'chat.touched':
      return [{ kind: 'chat.touch', id: event.id, timestamp: event.timestamp, unread: 0 }]
    case 'chat.deleted':
      return [{ kind: 'chat.delete', id: event.id }]
    case 'chat.cleared':
      return [{ kind: 'chat.clear', id: event.id }]
    case 'contact.updated':
      return event.phone === null && event.lid === null ? [] : [{ kind: 'contact.merge', phone: event.phone, lid: event.lid, fields: event.fields }]
    case 'group.updated':
      return groupChanges(event)
    case 'group.participants_changed':
      return event.group === null ? [] : [{ kind: 'group.put', group: event.group }]
    case 'label.applied':
      return event.labels === null ? [] : [{ kind: 'chat.merge', id: event.chatId, fields: { labels: event.labels } }]
    case 'message.receipt':
    case 'message.pinned':
    case 'message.kept':
    case 'message.starred':
    case 'message.poll_voted':
    case 'message.event_answered':
    case 'message.sealed_addition':
    case 'message.media_renewed':
    case 'chat.locked':
    case 'contact.picture_changed':
    case 'group.left':
    case 'group.join_requested':
    case 'group.member_labeled':
    case 'presence.updated':
    case 'call.received':
    case 'label.edited':
    case 'blocklist.replaced':
    case 'blocklist.updated':
    case 'newsletter.reaction':
    case 'newsletter.viewed':
    case 'newsletter.participant_changed':
    case 'newsletter.updated':
    case 'settings.updated':
    case 'account.capped':
    case 'history.progress':
      return []
    default:
      return event satisfies never
  }
}

/** A group is also a chat: its subject is the chat's name, its timer the chat's. */
function groupChanges({ id, group, changed }: DomainEventOf<'group.updated'>): Change[] {
  const subject = group?.subject ?? changed.subject
  const timer = group === null ? changed.ephemeralExpiration : group.ephemeralExpiration
  const fields = { ...(subject === undefined ? {} : { name: subject }), ...(timer === undefined ? {} : { ephemeralExpiration: timer }) }
  const merge: Change[] = Object.keys(fields).length === 0 ? [] : [{ kind: 'chat.merge', id, fields }]
  return group === null ? merge : [{ kind: 'group.put', group }, ...merge]
}
