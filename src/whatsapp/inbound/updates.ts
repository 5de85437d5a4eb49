import { proto, type BaileysEventMap, type WAMessage, type WAMessageUpdate } from '@whiskeysockets/baileys'
import type { DomainEvent } from '../../events/domain.ts'
import { isGroup } from '../../jid.ts'
import type { MessageKey } from '../../store/store.ts'
import { editEvent, reactionEvent } from './additions.ts'
import { authorOf, chatOf, keyOf, toMessageId } from './address.ts'
import { stubParameters, timestampOf, toState } from './row.ts'
import type { Scope } from './scope.ts'
import { millisecondsToSeconds, toFilledText, toHash } from './values.ts'

const { StubType, Status } = proto.WebMessageInfo

/** What changed about messages: states, edits, revokes, stars, votes. Edits and revokes were told by their own message too; answers to events by theirs alone. */
export function convertMessageUpdates(updates: BaileysEventMap['messages.update'], scope: Scope): void {
  for (const change of updates) {
    const key = keyOf({ key: change.key }, scope.directory)
    if (key !== null) convertUpdate(change, key, scope)
  }
}

function convertUpdate(change: WAMessageUpdate, key: MessageKey, scope: Scope): void {
  const { update } = change
  if (update.status !== null && update.status !== undefined) statusEvent(change, key, scope)
  const edited = update.message?.editedMessage?.message
  if (edited) {
    const event = editEvent(key, { ...update, key: change.key, message: null }, edited, timestampOf(update, scope.nowMs) * 1000, scope)
    if (event !== null) scope.emit(event)
  }
  // The key here names the revoked message by its revoker: right for an author, and no message for an admin, whose own message tells it.
  if (update.messageStubType === StubType.REVOKE) scope.emit({ type: 'message.deleted', key, by: key.sender, at: timestampOf(update, scope.nowMs) * 1000 })
  if (typeof update.starred === 'boolean') {
    const known = withSender(change.key, key, scope)
    if (known !== null) scope.emit({ type: 'message.starred', key: known, starred: update.starred })
  }
  for (const vote of update.pollUpdates ?? []) voteEvent(vote, key, scope)
}

function statusEvent({ key: named, update }: WAMessageUpdate, key: MessageKey, scope: Scope): void {
  const state = toState(update.status)
  if (named.fromMe !== true) {
    if (update.status === Status.READ || update.status === Status.PLAYED) scope.emit({ type: 'chat.updated', id: key.chatId, fields: { unreadCount: 0 } })
    return
  }
  if (state === null || state === 'sending') return
  const error = state === 'failed' ? (toFilledText(stubParameters(update)[0]) ?? 'refused') : null
  scope.emit({ type: 'message.state', key, state, at: timestampOf(update, scope.nowMs) * 1000, error })
}

function voteEvent(vote: proto.IPollUpdate, key: MessageKey, scope: Scope): void {
  if (!vote.pollUpdateMessageKey) return
  const selected = (vote.vote?.selectedOptions ?? []).flatMap((hash) => toHash(hash) ?? [])
  const seconds = millisecondsToSeconds(vote.senderTimestampMs) ?? Math.floor(scope.nowMs / 1000)
  scope.emit({ type: 'message.poll_voted', key, by: authorOf(vote.pollUpdateMessageKey, key.chatId, scope.directory), at: seconds * 1000, vote: { selected } })
}

/** Reactions in Baileys' own form; the message that carried each was told too. */
export function convertReactions(reactions: BaileysEventMap['messages.reaction'], scope: Scope): void {
  const seconds = Math.floor(scope.nowMs / 1000)
  for (const { key, reaction } of reactions) {
    const carrier = reaction.key ? keyOf({ key: reaction.key }, scope.directory) : null
    const id = toMessageId(key?.id)
    if (carrier === null || id === null) continue
    const target = { chatId: carrier.chatId, id, sender: authorOf(key, carrier.chatId, scope.directory) }
    scope.emit(reactionEvent(target, carrier.sender, reaction, seconds))
  }
}

/** Messages deleted for the account alone, or a whole chat emptied. */
export function convertDeletes(deleted: BaileysEventMap['messages.delete'], scope: Scope): void {
  if ('jid' in deleted) {
    const id = scope.directory.canonical(deleted.jid)
    if (id !== '') scope.emit({ type: 'chat.cleared', id })
    return
  }
  for (const named of deleted.keys) {
    const key = keyOf({ key: named }, scope.directory)
    const known = key === null ? null : withSender(named, key, scope)
    if (known !== null) scope.emit({ type: 'message.removed', key: known })
  }
}

/** App state names a group's message without its author: then the stored message says who wrote it. */
function withSender(named: WAMessage['key'], key: MessageKey, { directory }: Scope): MessageKey | null {
  if (named.fromMe === true || named.participant || !isGroup(key.chatId)) return key
  const sender = directory.senderOf(key.chatId, key.id)
  return sender === null ? null : { ...key, sender }
}

/** Media that the phone was asked to upload again; the message itself is updated by whoever asked. */
export function convertMediaUpdates(updates: BaileysEventMap['messages.media-update'], scope: Scope): void {
  for (const { key: named, error } of updates) {
    const key = keyOf({ key: named }, scope.directory)
    if (key === null || chatOf(named, scope.directory) === '') continue
    const event: DomainEvent = { type: 'message.media_renewed', key, error: error ? toFilledText(error.message) : null }
    scope.emit(event)
  }
}
