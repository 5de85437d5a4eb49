import type { ChatRow, ContactRow, GroupRow, MessageKey, MessageRow } from '../store/store.ts'
import type { MessageState } from '../../schemas/message.ts'

/**
 * What WhatsApp told us, in our own words. Persons and chats are canonical ids; as a person, '' is the account itself.
 * Names are past tense and dotted. Several of these may tell the same thing twice: {@link identityOf} says so.
 */
interface Facts {
  /** Somebody wrote. `unread` is what it adds to the chat's unread count. */
  'message.received': { readonly message: MessageRow; readonly unread: 0 | 1 }
  /** The account wrote, on another of its devices or through us. */
  'message.sent': { readonly message: MessageRow; readonly source: 'phone' | 'api' }
  /** A message that cannot be read (yet): its row is replaced when the content arrives. */
  'message.undecryptable': { readonly message: MessageRow; readonly reason: string | null }
  /** A row and nothing to tell: history and notices. `touch` says whether the chat moves up. */
  'message.stored': { readonly message: MessageRow; readonly touch: boolean }
  /** A message of ours came further, or failed with WhatsApp's code as `error`. `at` in Unix milliseconds. */
  'message.state': { readonly key: MessageKey; readonly state: MessageState; readonly at: number; readonly error: string | null }
  /** One member of a group got, read or played a message of ours. `at` in Unix milliseconds. */
  'message.receipt': { readonly key: MessageKey; readonly participant: string; readonly state: 'delivered' | 'read' | 'played'; readonly at: number }
  /** The author changed a message. `at` in Unix milliseconds, whole seconds. */
  'message.edited': { readonly key: MessageKey; readonly text: string | null; readonly at: number; readonly raw: Uint8Array | null }
  /** Deleted for everyone, by its author or an admin. `at` in Unix milliseconds. */
  'message.deleted': { readonly key: MessageKey; readonly by: string; readonly at: number }
  /** Deleted for the account alone. */
  'message.removed': { readonly key: MessageKey }
  /** `emoji` null takes the reaction back. `timestamp` in Unix seconds. */
  'message.reaction': { readonly key: MessageKey; readonly from: string; readonly emoji: string | null; readonly timestamp: number }
  'message.pinned': { readonly key: MessageKey; readonly by: string; readonly pinned: boolean; readonly at: number }
  /** Kept in a chat whose messages disappear, or no longer. */
  'message.kept': { readonly key: MessageKey; readonly by: string; readonly kept: boolean; readonly at: number }
  'message.starred': { readonly key: MessageKey; readonly starred: boolean }
  /** A vote, opened or still sealed with the poll's secret. */
  'message.poll_voted': { readonly key: MessageKey; readonly by: string; readonly at: number; readonly vote: PollVote }
  /** An answer to an event, opened or still sealed with the event's secret. */
  'message.event_answered': { readonly key: MessageKey; readonly by: string; readonly at: number; readonly answer: EventAnswer }
  /** Somebody added to a message in a form that only its secret opens. */
  'message.sealed_addition': { readonly key: MessageKey; readonly by: string; readonly at: number; readonly addition: 'reaction' | 'comment' | 'edit' | 'other' }
  /** The phone uploaded a message's media again. */
  'message.media_renewed': { readonly key: MessageKey; readonly error: string | null }
  /** Fields of a chat as they are now. */
  'chat.updated': { readonly id: string; readonly fields: Partial<Omit<ChatRow, 'id'>> }
  /** Something happened in the chat at `timestamp`, Unix seconds. */
  'chat.touched': { readonly id: string; readonly timestamp: number }
  'chat.deleted': { readonly id: string }
  'chat.cleared': { readonly id: string }
  'chat.locked': { readonly id: string; readonly locked: boolean }
  /** What became known of a person; with both `phone` and `lid`, that they are one. */
  'contact.updated': { readonly phone: string | null; readonly lid: string | null; readonly fields: Partial<Pick<ContactRow, 'name' | 'shortName' | 'pushName' | 'verifiedName'>> }
  /** `id` is a person or a group. */
  'contact.picture_changed': { readonly id: string; readonly removed: boolean }
  /** The group as it is now; `group` is null when only `changed` is known and the rest has to be asked for. */
  'group.updated': { readonly id: string; readonly group: GroupRow | null; readonly changed: GroupChange; readonly by: string | null }
  /** `group` as in `group.updated`. */
  'group.participants_changed': { readonly id: string; readonly action: 'add' | 'remove' | 'promote' | 'demote' | 'modify'; readonly participants: readonly string[]; readonly by: string | null; readonly group: GroupRow | null }
  /** The account is no longer in the group. */
  'group.left': { readonly id: string; readonly by: string | null }
  'group.join_requested': { readonly id: string; readonly participant: string; readonly by: string | null; readonly action: 'created' | 'revoked' | 'rejected'; readonly method: string | null }
  'group.member_labeled': { readonly id: string; readonly participant: string; readonly label: string; readonly timestamp: number | null }
  /** `lastSeenAt` in Unix seconds. */
  'presence.updated': { readonly chatId: string; readonly participant: string; readonly presence: 'available' | 'unavailable' | 'composing' | 'recording' | 'paused'; readonly lastSeenAt: number | null; readonly onlineCount: number | null }
  /** One step of a call: `status` as WhatsApp names it (offer, ringing, accept, reject, timeout, terminate...). `at` in Unix milliseconds. */
  'call.received': { readonly id: string; readonly chatId: string; readonly from: string; readonly groupId: string | null; readonly video: boolean; readonly status: string; readonly at: number; readonly offline: boolean }
  'label.edited': { readonly id: string; readonly name: string; readonly color: number; readonly deleted: boolean; readonly predefinedId: string | null }
  /** `labels` is the chat's whole set after the change, where it is known. */
  'label.applied': { readonly labelId: string; readonly chatId: string; readonly messageId: string | null; readonly applied: boolean; readonly labels: readonly string[] | null }
  'blocklist.replaced': { readonly persons: readonly string[] }
  'blocklist.updated': { readonly persons: readonly string[]; readonly blocked: boolean }
  'newsletter.reaction': { readonly id: string; readonly serverId: string; readonly emoji: string | null; readonly count: number | null }
  'newsletter.viewed': { readonly id: string; readonly serverId: string; readonly count: number }
  'newsletter.participant_changed': { readonly id: string; readonly by: string; readonly user: string; readonly role: string; readonly action: string }
  'newsletter.updated': { readonly id: string; readonly name: string | null; readonly description: string | null }
  /** A setting of the account, as JSON. */
  'settings.updated': { readonly setting: string; readonly value: string }
  /** How many new chats the account may begin in all and has begun; null where WhatsApp does not tell. */
  'account.capped': { readonly quota: number | null; readonly used: number | null; readonly status: string | null }
  /** A piece of history is stored. `progress` in percent; `requestId` names the request it answers. */
  'history.progress': { readonly syncType: HistoryType; readonly progress: number | null; readonly chunk: number | null; readonly latest: boolean; readonly requestId: string | null; readonly status: 'progress' | 'complete' | 'paused' }
}

/** A poll vote: the `options` by name, or `selected`, the SHA-256 (base64) of their names; `sealed` is opened with the poll's secret. */
export type PollVote =
  | { readonly options: readonly string[] }
  | { readonly selected: readonly string[] }
  | { readonly sealed: { readonly payload: Uint8Array; readonly iv: Uint8Array } }

/** What somebody answered to an event; null for one that nobody knows; `sealed` is opened with the event's secret. */
export type EventAnswer = 'going' | 'not_going' | 'maybe' | null | { readonly sealed: { readonly payload: Uint8Array; readonly iv: Uint8Array } }

/** What a piece of history is made of. */
export type HistoryType = 'bootstrap' | 'status' | 'full' | 'recent' | 'pushNames' | 'settings' | 'onDemand' | 'other'

/** The fields of a group that one notice changes. */
export interface GroupChange {
  readonly subject?: string
  readonly description?: string | null
  readonly announce?: boolean
  readonly locked?: boolean
  readonly ephemeralExpiration?: number | null
  readonly inviteCode?: string
  /** Members may add members. */
  readonly memberAddMode?: boolean
  /** Admins approve who joins. */
  readonly joinApprovalMode?: boolean
}

/** The name of a fact. */
export type DomainEventType = keyof Facts

/** One fact of the given type. */
export type DomainEventOf<T extends DomainEventType> = { readonly type: T } & Facts[T]

/** Any fact: a closed union over `type`. */
export type DomainEvent = { [T in DomainEventType]: DomainEventOf<T> }[DomainEventType]

/**
 * One text for one fact however often it is told: WhatsApp redelivers, and Baileys tells edits, revokes and reactions in two forms.
 * Null for facts that have no identity of their own, such as presence or the present state of a chat.
 */
export function identityOf(event: DomainEvent): string | null {
  switch (event.type) {
    case 'message.received':
    case 'message.sent':
    case 'message.stored':
      return join('message', keyText(event.message))
    case 'message.undecryptable':
      return join(event.type, keyText(event.message))
    case 'message.state':
      return join(event.type, keyText(event.key), event.state)
    case 'message.receipt':
      return join(event.type, keyText(event.key), event.participant, event.state)
    case 'message.edited':
      return join(event.type, keyText(event.key), event.at)
    case 'message.deleted':
    case 'message.removed':
      return join(event.type, keyText(event.key))
    case 'message.reaction':
      return join(event.type, keyText(event.key), event.from, event.emoji ?? '', event.timestamp)
    case 'message.pinned':
      return join(event.type, keyText(event.key), String(event.pinned), event.at)
    case 'message.kept':
      return join(event.type, keyText(event.key), String(event.kept), event.at)
    case 'message.poll_voted':
    case 'message.event_answered':
    case 'message.sealed_addition':
      return join(event.type, keyText(event.key), event.by, event.at)
    case 'call.received':
      return join(event.type, event.id, event.status)
    default:
      return null
  }
}

/** JSON, because ids are chosen by others and may hold any separator. */
const join = (...parts: readonly (string | number)[]): string => JSON.stringify(parts)
const keyText = (key: MessageKey): string => join(key.chatId, key.id, key.sender)
