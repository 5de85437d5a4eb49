import type { EventType } from '../../schemas/event.ts'
import type { DomainEvent, DomainEventType } from './domain.ts'

/** Which event tells each fact to the outside; null where none does, and why. A new fact does not compile without a line here. */
export const TOLD_AS = {
  'message.received': 'message.received',
  'message.sent': 'message.sent',
  'message.undecryptable': 'message.undecryptable',
  'message.state': 'message.updated',
  'message.receipt': 'message.receipt',
  'message.edited': 'message.edited',
  'message.deleted': 'message.deleted',
  'message.removed': 'message.removed',
  'message.reaction': 'message.reaction',
  'message.pinned': 'message.pinned',
  'message.kept': 'message.kept',
  'message.starred': 'message.starred',
  'message.poll_voted': 'poll.vote',
  'message.event_answered': 'event.answer',
  'message.sealed_addition': 'message.addition_unreadable',
  'chat.updated': 'chat.updated',
  'chat.deleted': 'chat.deleted',
  'chat.cleared': 'chat.cleared',
  'chat.locked': 'chat.locked',
  'contact.updated': 'contact.updated',
  'contact.picture_changed': 'contact.picture_changed',
  'group.updated': 'group.updated',
  'group.participants_changed': 'group.participants_changed',
  'group.left': 'group.left',
  'group.join_requested': 'group.join_requested',
  'group.member_labeled': 'group.member_labeled',
  'presence.updated': 'presence.updated',
  'call.received': 'call.received',
  'label.edited': 'label.edited',
  'label.applied': 'label.applied',
  'blocklist.updated': 'blocklist.updated',
  'newsletter.reaction': 'channel.reaction',
  'newsletter.participant_changed': 'channel.participant_changed',
  'newsletter.updated': 'channel.updated',
  'settings.updated': 'settings.updated',
  'account.capped': 'account.capped',
  'history.progress': 'history.progress',

  // A row of a history or a notice: it is read, and was never news.
  'message.stored': null,
  // Follows from the messages of the chat.
  'chat.touched': null,
  // The answer to a request of the gateway itself.
  'message.media_renewed': null,
  // The state of a list at a login, not a change of it.
  'blocklist.replaced': null,
  // A counter that moves with every view.
  'newsletter.viewed': null,
} as const satisfies Record<DomainEventType, EventType | null>

/** The first step of a call, as WhatsApp names it. */
const OFFER = 'offer'

/** The type of the event that tells a fact, or null. */
export function typeOf(event: DomainEvent): EventType | null {
  return event.type === 'call.received' && event.status !== OFFER ? 'call.updated' : TOLD_AS[event.type]
}

/** The facts that one type of event tells. */
export type FactTypeOf<T extends EventType> = T extends 'call.updated' ? 'call.received' : { [F in DomainEventType]: (typeof TOLD_AS)[F] extends T ? F : never }[DomainEventType]
