import type { Redis } from 'ioredis'
import type { MessageContent } from '../../schemas/message-content.ts'
import type { MessageState, MessageType } from '../../schemas/message.ts'
import type { SessionState } from '../../schemas/session.ts'
import type { WebhookChange, WebhookReader } from './webhooks.ts'

/**
 * The store port: role readers and one write.
 *
 * `commit` is atomic over all its changes, applied in the order of the calls, visible to this process's reads at once
 * (before it is durable), and resolves when durable. A store that fails rejects: an error is never taken for "absent".
 */
export interface Store {
  readonly sessions: SessionReader
  readonly auth: AuthReader
  readonly chats: ChatReader
  readonly contacts: ContactReader
  readonly messages: MessageReader
  readonly groups: GroupReader
  readonly outbox: OutboxReader
  readonly journal: JournalReader
  readonly devices: DeviceReader
  readonly events: EventReader
  readonly webhooks: WebhookReader
  /**
   * Calls back after each commit that became durable and may have written to the log of this session, or of any when null: carries no data but that session's id.
   * '' to those who hear of any: another node changed what belongs to no session, or what it wrote could not be heard for a while. The answer ends it.
   */
  onTold(sessionId: string | null, listener: (sessionId: string) => void): () => void
  /**
   * Write all changes of one session (or of the gateway, under `GATEWAY`), together or not at all. Where several nodes share a store, `fence` is the
   * token of the owner, without which only what every node may write is written: the commit rejects with `Fenced` once another node has the session.
   */
  commit(sessionId: string, changes: readonly Change[], fence?: string): Promise<void>
  /** Wait for all that was committed before, then let go of the files. */
  close(): Promise<void>
}

/** A page of rows, newest first, and the cursor of the next page. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Opaque; null on the last page. Stays valid for ever. */
  readonly next: string | null
}

/** What a page is asked with. `cursor` null is the first page. A cursor that this store never made rejects with {@link CursorInvalid}. */
export interface PageRequest {
  readonly limit: number
  readonly cursor: string | null
}

/** Thrown for a cursor that is not one of ours. */
export class CursorInvalid extends Error {
  constructor() {
    super('the cursor is not one of this list')
    this.name = 'CursorInvalid'
  }
}

/** A session as it is stored. */
export interface SessionRow {
  readonly id: string
  readonly state: SessionState
  readonly reason: string | null
  /** RFC 3339 UTC. */
  readonly stateSince: string
  /** Written only at the first open connection: an account is linked. */
  readonly linked: boolean
  /** Whether the session should run after a restart. */
  readonly wanted: boolean
  /** The linked account; once it is linked no more, the last one, whose messages are still ours. */
  readonly user: { readonly phone: string; readonly lid: string | null; readonly name: string | null } | null
  /** RFC 3339 UTC. */
  readonly createdAt: string
  /** Made with the session: what the ids of its idempotent sends are derived with. */
  readonly secret: string
}

export interface SessionReader {
  get(id: string): Promise<SessionRow | null>
  /** Newest first by `createdAt`, ties by id, descending. */
  page(request: PageRequest): Promise<Page<SessionRow>>
  /** All that should run after a restart: `wanted` and `linked`. */
  resumable(): Promise<readonly SessionRow[]>
}

/** Signal keys and credentials: opaque text under (type, id). The credentials are the one row of type `creds` with id `''`. */
export interface AuthReader {
  get(sessionId: string, type: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** The highest id of a type whose ids are numbers (such as `pre-key`), or null without one; ids that are no number do not count. */
  highest(sessionId: string, type: string): Promise<number | null>
}

/** A chat as it is stored; ids are canonical (see jid.ts). */
export interface ChatRow {
  readonly id: string
  readonly name: string | null
  readonly unreadCount: number
  /** Unix seconds, 0 without a message. */
  readonly conversationTimestamp: number
  readonly archived: boolean
  /** Unix seconds when pinned. */
  readonly pin: number | null
  /** Unix seconds until which the chat is muted, -1 for ever. */
  readonly mute: number | null
  /** Seconds. */
  readonly ephemeralExpiration: number | null
  /** Unix seconds. */
  readonly ephemeralSettingTimestamp: number | null
  readonly labels: readonly string[]
}

export interface ChatReader {
  get(sessionId: string, id: string): Promise<ChatRow | null>
  /** What a new message has to know of its chat; unlike `get` it does not wait for the messages that are on their way to a chat that is stored. */
  known(sessionId: string, id: string): Promise<Pick<ChatRow, 'ephemeralExpiration'> | null>
  /** Newest first by `conversationTimestamp`, ties by id, descending. */
  page(sessionId: string, request: PageRequest): Promise<Page<ChatRow>>
  count(sessionId: string): Promise<number>
}

/** A person as stored; `id` is `<phone>@s.whatsapp.net` when the phone is known, else `<lid>@lid`. */
export interface ContactRow {
  readonly id: string
  readonly phone: string | null
  readonly lid: string | null
  /** The name in the account's address book. */
  readonly name: string | null
  /** The first name in the address book. */
  readonly shortName: string | null
  /** The name people gave themselves. */
  readonly pushName: string | null
  readonly verifiedName: string | null
}

export interface ContactReader {
  /** The contacts under these ids; both `<phone>@s.whatsapp.net` and `<lid>@lid` find the same row. Keyed by the id that was asked for; absent ones are left out. */
  get(sessionId: string, ids: readonly string[]): Promise<ReadonlyMap<string, ContactRow>>
  /** What `get` would answer for one id (null: absent) where that is known at once, else undefined. */
  atHand(sessionId: string, id: string): ContactRow | null | undefined
}

/** Where a message is: ids are chosen by senders, so an id alone names nothing. */
export interface MessageKey {
  /** Canonical. */
  readonly chatId: string
  readonly id: string
  /** Canonical id of who wrote it; '' for our own. */
  readonly sender: string
}

/** A message as it is stored. */
export interface MessageRow extends MessageKey {
  readonly type: MessageType
  readonly text: string | null
  /** What it says besides its text and its file; null for most. */
  readonly content: MessageContent | null
  /** Unix seconds. */
  readonly timestamp: number
  /** Null for the messages of others. */
  readonly state: MessageState | null
  /** When each state was reached, Unix milliseconds. */
  readonly stateTimes: Partial<Record<MessageState, number>>
  /** Why a send failed. */
  readonly error: string | null
  /** SHA-256 (base64url) of the body that a send was accepted with under an idempotency key; null for every other message. */
  readonly fingerprint: string | null
  readonly quoted: { readonly id: string; readonly sender: string | null; readonly type: MessageType; readonly text: string | null } | null
  /** Canonical ids. */
  readonly mentions: readonly string[]
  /** At most one a person; `from` is '' for ours. `timestamp` in Unix seconds. */
  readonly reactions: readonly { readonly from: string; readonly emoji: string; readonly timestamp: number }[]
  /** Unix milliseconds. */
  readonly editedAt: number | null
  /** Unix milliseconds. */
  readonly deletedAt: number | null
  readonly media: {
    readonly mimetype: string
    readonly fileName: string | null
    readonly sizeBytes: number | null
    readonly durationSeconds: number | null
    readonly width: number | null
    readonly height: number | null
    readonly sha256: string | null
  } | null
  /** The whole message as WhatsApp encodes it (protobuf `WebMessageInfo`), for resends, quotes and media; opaque to the store, null where there is none. */
  readonly raw: Uint8Array | null
}

/** A row as lists read it, without the bytes only WhatsApp understands. */
export type MessageView = Omit<MessageRow, 'raw'>

export interface MessageReader {
  /** The message with this id in the chat; with several senders under one id, the oldest row. */
  get(sessionId: string, chatId: string, id: string): Promise<MessageRow | null>
  /** The message under exactly this key. */
  find(sessionId: string, key: MessageKey): Promise<MessageRow | null>
  /** Our own message with this id, in whichever chat: acks and receipts name only the id for certain. */
  own(sessionId: string, id: string): Promise<MessageView | null>
  /** Newest first by timestamp; within one second the one stored last comes first. */
  page(sessionId: string, chatId: string, request: PageRequest): Promise<Page<MessageView>>
  /** The oldest message of the chat that has `raw`. */
  oldest(sessionId: string, chatId: string): Promise<MessageRow | null>
  /** The newest message of the chat that has `raw`. */
  newest(sessionId: string, chatId: string): Promise<MessageRow | null>
}

/** A group's metadata; participants by canonical id. */
export interface GroupRow {
  readonly id: string
  readonly subject: string
  readonly description: string | null
  /** Canonical id, null where WhatsApp does not tell. */
  readonly owner: string | null
  /** Unix seconds. */
  readonly createdAt: number | null
  /** Only admins may write. */
  readonly announce: boolean
  /** Only admins may change the group's data. */
  readonly locked: boolean
  /** Seconds. */
  readonly ephemeralExpiration: number | null
  readonly participants: readonly { readonly id: string; readonly role: 'member' | 'admin' | 'superadmin' }[]
  /** The metadata as Baileys wants it back (JSON), opaque to the store. */
  readonly raw: string
}

export interface GroupReader {
  get(sessionId: string, id: string): Promise<GroupRow | null>
}

/** An accepted send that WhatsApp has not acknowledged. */
export interface OutboxRow {
  /** The WhatsApp message id, chosen at acceptance. */
  readonly id: string
  /** The order of acceptance: ascending within a session. */
  readonly position: number
  readonly chatId: string
  /** What to send, as JSON of the API's own shape; opaque to the store. */
  readonly content: string
  /** Unix milliseconds. */
  readonly acceptedAt: number
  /** Unix milliseconds after which it is not sent any more. */
  readonly expiresAt: number
}

export interface OutboxReader {
  /** In order of acceptance, after `position` (0 = from the start). */
  pending(sessionId: string, after: number, limit: number): Promise<readonly OutboxRow[]>
  count(sessionId: string): Promise<number>
}

/**
 * A ciphertext that was decrypted and whose receipt WhatsApp has not acknowledged: the answer when it comes again.
 * The ratchet has moved on, so it could not be decrypted a second time.
 */
export interface JournalRow {
  /** SHA-256 of the ciphertext, base64url. */
  readonly hash: string
  readonly messageId: string
  readonly plaintext: Uint8Array
  /** The message as WhatsApp encodes it (protobuf `WebMessageInfo`), kept while a notice of the own phone has still to be processed; null when there is nothing left to do. */
  readonly open: Uint8Array | null
  /** Unix milliseconds. */
  readonly at: number
}

export interface JournalReader {
  get(sessionId: string, hash: string): Promise<JournalRow | null>
  /** The rows whose `open` is not null, oldest first. */
  open(sessionId: string): Promise<readonly JournalRow[]>
  /** When the oldest row was written, Unix milliseconds; null without one. */
  oldest(sessionId: string): Promise<number | null>
}

/** Which devices somebody has, as WhatsApp last told: opaque text under the user part of a JID. They belong to the link and go with its keys. */
export interface DeviceListRow {
  readonly value: string
  /** When WhatsApp told, Unix milliseconds. */
  readonly at: number
}

export interface DeviceReader {
  /** The lists under these users; absent ones are left out. */
  get(sessionId: string, users: readonly string[]): Promise<ReadonlyMap<string, DeviceListRow>>
  /** How many lists are older than `before`, or more than the `keep` newest, whichever is more. */
  excess(sessionId: string, before: number, keep: number): Promise<number>
}

/** One entry of a session's log, as it is handed in: `seq` is given by the store. */
export interface LogEntry {
  /** Unique, `evt_` and a UUID v7. */
  readonly id: string
  /** Dotted, past tense. */
  readonly type: string
  /** Canonical id, null where the event belongs to no chat. */
  readonly chatId: string | null
  /** JSON, opaque to the store. */
  readonly data: string
  /** Unix milliseconds. */
  readonly at: number
}

/** One entry of a session's log. */
export interface EventRow extends LogEntry {
  /** From 1, without gaps, in the order of the commits; a session made again under its id goes on counting. */
  readonly seq: number
}

/** An entry among those of all sessions. */
export interface PlacedEventRow extends EventRow {
  readonly sessionId: string
  /** The order of writing over all sessions: ascending, with gaps. */
  readonly place: number
}

export interface EventReader {
  /** Ascending by seq, those after `seq`. */
  after(sessionId: string, seq: number, limit: number): Promise<readonly EventRow[]>
  /** The seq of the oldest stored entry and of the newest ever written; both 0 while nothing was. */
  bounds(sessionId: string): Promise<{ readonly first: number; readonly last: number }>
  /** The seq of the newest entry ever written, by the id of every session that has a log, deleted ones included. */
  heads(): Promise<ReadonlyMap<string, number>>
  /** Of all sessions, ascending by place, those after `place`; `removed` is the place of the newest one that retention had removed when they were read. */
  everywhere(place: number, limit: number): Promise<{ readonly rows: readonly PlacedEventRow[]; readonly removed: number }>
  /** As `after` and `everywhere`, but of what is durable by now: for who follows the bell, and need not wait for what is still on its way. */
  durableAfter(sessionId: string, seq: number, limit: number): Promise<readonly EventRow[]>
  durableEverywhere(place: number, limit: number): Promise<{ readonly rows: readonly PlacedEventRow[]; readonly removed: number }>
  /** The place of the newest entry, and of the newest one that retention removed; 0 while there is none. */
  everywhereBounds(): Promise<{ readonly last: number; readonly removed: number }>
}

/** What can be written: a closed union. Merges leave out what they do not change. */
export type Change =
  | { readonly kind: 'session.put'; readonly session: SessionRow }
  /** Removes all of the session (row, auth, archived auth, device lists, chats, contacts, messages, groups, outbox, journal) but its log. */
  | { readonly kind: 'session.delete' }
  /** `value` null deletes. */
  | { readonly kind: 'auth.put'; readonly keys: readonly { readonly type: string; readonly id: string; readonly value: string | null }[] }
  /** Deletes all auth rows and device lists of the session; archived rows stay. */
  | { readonly kind: 'auth.clear' }
  /** Moves all auth rows of the session out of the way, in place of an older archive, and deletes the device lists. They can be read by nobody but a person with the database. */
  | { readonly kind: 'auth.archive'; /** Unix milliseconds. */ readonly at: number }
  /** Creates the chat with defaults, or changes only the fields that are given. `event` of this and every other change that has one goes to the log only when the change took effect: here, when a field is another one now. */
  | { readonly kind: 'chat.merge'; readonly id: string; readonly fields: Partial<Omit<ChatRow, 'id'>>; readonly event?: LogEntry }
  /** A message came or went: creates the chat if need be, `conversationTimestamp` = the later of both, `unreadCount` = max(0, itself) + unread, never below 0. */
  | { readonly kind: 'chat.touch'; readonly id: string; readonly timestamp: number; readonly unread: number }
  /** With its messages. */
  | { readonly kind: 'chat.delete'; readonly id: string; readonly event?: LogEntry }
  /** Deletes the messages of the chat, not the chat. */
  | { readonly kind: 'chat.clear'; readonly id: string; readonly event?: LogEntry }
  /**
   * Creates the contact or changes only the fields that are given; with both `phone` and `lid` it also records that they are one person:
   * a chat, messages (chat, sender, quoted sender, mentions, reactions) and a contact that stood under `<lid>@lid` move under `<phone>@s.whatsapp.net`;
   * where both chats existed they become one (later timestamp, summed unread count, the phone chat's fields win where set),
   * and where both a message existed the phone's stays, unless it is `undecryptable`. Accepted sends to `<lid>@lid` move too.
   * A contact that held the LID under another phone keeps that phone and loses the LID.
   * `event` goes to the log when the contact is new or another one now, and then `moved` when a chat went under another id.
   */
  | {
      readonly kind: 'contact.merge'
      readonly phone: string | null
      readonly lid: string | null
      readonly fields: Partial<Pick<ContactRow, 'name' | 'shortName' | 'pushName' | 'verifiedName'>>
      readonly event?: LogEntry
      readonly moved?: LogEntry
    }
  /**
   * Inserts; a row under the same key stays as it is, unless it is `undecryptable` and not deleted: then it is replaced, keeping its place and timestamp, reactions and edit.
   * Only when it was inserted or replaced: `touch` does to the chat what `chat.touch` does, and `event` goes to the log. So a message that comes twice is told and counted once.
   */
  | { readonly kind: 'message.put'; readonly message: MessageRow; readonly touch?: { readonly unread: number }; readonly event?: LogEntry }
  /** Moves a message of ours forward (queued < sending < sent < delivered < read < played); never back. `failed` and `expired` apply only before `sent`; any of sent.. after them applies. Absent: ignored. */
  | { readonly kind: 'message.state'; readonly key: MessageKey; readonly state: MessageState; /** Unix milliseconds. */ readonly at: number; readonly error?: string; readonly event?: LogEntry }
  /** New text (and raw) of an edited message; an older edit than the stored one, or an edit of a deleted message, is ignored; `raw` null keeps the stored one. Absent: ignored. */
  | { readonly kind: 'message.edit'; readonly key: MessageKey; readonly text: string | null; /** Unix milliseconds. */ readonly at: number; readonly raw: Uint8Array | null; readonly event?: LogEntry }
  /** Marks as deleted and drops text, media, quoted and raw. Absent: ignored. */
  | { readonly kind: 'message.delete'; readonly key: MessageKey; /** Unix milliseconds. */ readonly at: number; readonly event?: LogEntry }
  /** Removes the row: deleted for me. */
  | { readonly kind: 'message.remove'; readonly key: MessageKey; readonly event?: LogEntry }
  /** Sets, replaces or (emoji null) removes one person's reaction; an older one than the stored is ignored. Absent: ignored. */
  | { readonly kind: 'message.react'; readonly key: MessageKey; readonly from: string; readonly emoji: string | null; /** Unix seconds. */ readonly timestamp: number; readonly event?: LogEntry }
  | { readonly kind: 'group.put'; readonly group: GroupRow }
  | { readonly kind: 'group.delete'; readonly id: string }
  /** `position` is given by the store. A row under the same id stays as it is. */
  | { readonly kind: 'outbox.put'; readonly id: string; readonly chatId: string; readonly content: string; readonly acceptedAt: number; readonly expiresAt: number }
  | { readonly kind: 'outbox.delete'; readonly id: string }
  /** A row under the same hash stays as it is. */
  | { readonly kind: 'journal.put'; readonly row: JournalRow }
  /** The notice is processed: `open` becomes null. */
  | { readonly kind: 'journal.close'; readonly hash: string }
  /** WhatsApp will not send these again: their rows go, unless they are open. */
  | { readonly kind: 'journal.forget'; readonly hashes: readonly string[] }
  /** Rows older than this go, open ones too; the oldest first, at most `limit` of them. */
  | { readonly kind: 'journal.prune'; /** Unix milliseconds. */ readonly before: number; readonly limit: number }
  /** `value` null deletes. */
  | { readonly kind: 'devices.put'; readonly lists: readonly { readonly user: string; readonly value: string | null }[]; /** Unix milliseconds. */ readonly at: number }
  /** Lists older than `before` go, and all but the `keep` newest; the oldest first, at most `limit` of them. */
  | { readonly kind: 'devices.prune'; /** Unix milliseconds. */ readonly before: number; readonly keep: number; readonly limit: number }
  /** Appends to the log whatever else the commit does. */
  | { readonly kind: 'event.append'; readonly event: LogEntry }
  /** Puts entries back as they were in another store, under their seqs and places, at the end of the log; what is there already stays. `removed` is the place up to which entries may be missing. */
  | { readonly kind: 'event.restore'; readonly entries: readonly PlacedEventRow[]; readonly removed: number }
  /** Removes entries older than this from the log, and all but the newest `keep`; the newest entry always stays. At most `limit` go, the oldest first. */
  | { readonly kind: 'event.prune'; /** Unix milliseconds. */ readonly before: number; readonly keep?: number; readonly limit?: number }
  | WebhookChange

/** How a store is opened. */
export interface StoreOptions {
  /** Whether the store holds real credentials or the sandbox's; a store opened in the other mode refuses. */
  readonly mode: 'live' | 'sandbox'
  /** A folder of its own, made with mode 0700. */
  readonly dataDir: string
  /** Redis, in place of the folder. */
  readonly redis?: RedisPlace
}

/** Where in Redis a store is. */
export interface RedisPlace {
  /** An open connection that the store does not close. */
  readonly redis: Redis
  /** What its keys begin with. */
  readonly prefix: string
  /** Where Redis is, for the words of errors. */
  readonly place: string
}
