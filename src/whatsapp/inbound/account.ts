import type { BaileysEventMap } from '@whiskeysockets/baileys'
import type { Scope } from './scope.ts'
import { toCount, toFilledText, toText } from './values.ts'

/** The steps of calls. */
export function convertCalls(calls: BaileysEventMap['call'], scope: Scope): void {
  for (const call of calls) {
    const from = scope.directory.canonical(call.callerPn ?? call.from ?? '')
    const chatId = scope.directory.canonical(call.chatId ?? '')
    const at = call.date instanceof Date ? call.date.getTime() : Number.NaN
    if (from === '' || !call.id) continue
    scope.emit({
      type: 'call.received',
      id: call.id,
      chatId: chatId === '' ? from : chatId,
      from,
      groupId: call.groupJid ? scope.directory.canonical(call.groupJid) || null : null,
      video: call.isVideo === true,
      status: call.status,
      at: Number.isNaN(at) ? scope.nowMs : at,
      offline: call.offline,
    })
  }
}

/** A label as it is now. */
export function convertLabel(label: BaileysEventMap['labels.edit'], scope: Scope): void {
  scope.emit({
    type: 'label.edited',
    id: label.id,
    name: toText(label.name) ?? '',
    color: toCount(label.color) ?? 0,
    deleted: label.deleted,
    predefinedId: label.predefinedId ?? null,
  })
}

/** A label put on a chat or message, or taken off. */
export function convertLabelling({ association, type }: BaileysEventMap['labels.association'], scope: Scope): void {
  const chatId = scope.directory.canonical(association.chatId ?? '')
  if (chatId === '') return
  const { labelId } = association
  const applied = type === 'add'
  const messageId = 'messageId' in association ? association.messageId : null
  const present = messageId === null ? (scope.directory.chat(chatId)?.labels ?? null) : null
  const others = present?.filter((label) => label !== labelId)
  scope.emit({ type: 'label.applied', labelId, chatId, messageId, applied, labels: others ? (applied ? [...others, labelId] : others) : null })
}

/** A setting that the account's other devices changed. */
export function convertSetting({ setting, value }: BaileysEventMap['settings.update'], scope: Scope): void {
  scope.emit({ type: 'settings.updated', setting, value: JSON.stringify(value) })
}

/** How many new chats the account may still begin. */
export function convertCapping(info: BaileysEventMap['message-capping.update'], scope: Scope): void {
  scope.emit({ type: 'account.capped', quota: toCount(info.total_quota), used: toCount(info.used_quota), status: info.capping_status ?? null })
}

/** An emoji on a channel's post. */
export function convertNewsletterReaction({ id, server_id: serverId, reaction }: BaileysEventMap['newsletter.reaction'], scope: Scope): void {
  const emoji = reaction.removed === true ? null : toFilledText(reaction.code)
  scope.emit({ type: 'newsletter.reaction', id, serverId, emoji, count: toCount(reaction.count) })
}

/** How often a channel's post was seen. */
export function convertNewsletterView({ id, server_id: serverId, count }: BaileysEventMap['newsletter.view'], scope: Scope): void {
  scope.emit({ type: 'newsletter.viewed', id, serverId, count: toCount(count) ?? 0 })
}

/** Somebody's role in a channel. */
export function convertNewsletterParticipant(update: BaileysEventMap['newsletter-participants.update'], scope: Scope): void {
  scope.emit({
    type: 'newsletter.participant_changed',
    id: update.id,
    by: scope.directory.canonical(update.author ?? ''),
    user: scope.directory.canonical(update.user ?? ''),
    role: update.new_role,
    action: update.action,
  })
}

/** A channel's name or description; Baileys passes on whatever the server sent. */
export function convertNewsletterSettings({ id, update }: BaileysEventMap['newsletter-settings.update'], scope: Scope): void {
  const settings: unknown = update
  scope.emit({ type: 'newsletter.updated', id, name: textIn(settings, 'name'), description: textIn(settings, 'description') })
}

/** A text field, either plain or as `{ text }`. */
function textIn(value: unknown, name: string): string | null {
  if (typeof value !== 'object' || value === null) return null
  const field: unknown = Object.getOwnPropertyDescriptor(value, name)?.value
  return toText(field) ?? (typeof field === 'object' ? textIn(field, 'text') : null)
}
