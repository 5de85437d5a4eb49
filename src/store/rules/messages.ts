import type { MessageState } from '../../../schemas/message.ts'
import type { Change, MessageRow, MessageView } from '../store.ts'

type ChangeOf<Kind extends Change['kind']> = Extract<Change, { kind: Kind }>

/** How far each state is; `failed` and `expired` stand between being on the way and having arrived. */
const RANK: Record<MessageState, number> = { queued: 0, sending: 1, failed: 2, expired: 2, sent: 3, delivered: 4, read: 5, played: 6 }

/**
 * What stays when a message is put over one under the same key; null when the stored one stays as it is.
 * The content of an undecryptable message takes its place in the chat, and what came meanwhile (an edit, reactions) stays.
 */
export function replacedMessage(stored: MessageRow, put: MessageRow): MessageRow | null {
  if (stored.type !== 'undecryptable' || stored.deletedAt !== null) return null
  const reactions = stored.reactions.length > 0 ? stored.reactions : put.reactions
  const replaced = { ...put, timestamp: stored.timestamp, reactions }
  return stored.editedAt === null ? replaced : { ...replaced, text: stored.text, editedAt: stored.editedAt, raw: stored.raw ?? put.raw }
}

/** Our message moved forward, or null when it stays. */
export function advancedMessage<Message extends MessageView>(message: Message, { state, at, error }: ChangeOf<'message.state'>): Message | null {
  if (message.sender !== '') return null
  if (message.state !== null && RANK[state] <= RANK[message.state]) return null
  return { ...message, state, stateTimes: { ...message.stateTimes, [state]: at }, error: error ?? null }
}

/** The message after an edit, or null when it stays. */
export function editedMessage(message: MessageRow, { text, at, raw }: ChangeOf<'message.edit'>): MessageRow | null {
  if (message.deletedAt !== null || (message.editedAt !== null && at < message.editedAt)) return null
  if (at === message.editedAt && text === message.text) return null
  return { ...message, text, editedAt: at, raw: raw ?? message.raw }
}

/** The message without its content, or null when it was deleted before. */
export function deletedMessage(message: MessageRow, { at }: ChangeOf<'message.delete'>): MessageRow | null {
  if (message.deletedAt !== null) return null
  return { ...message, deletedAt: at, text: null, content: null, media: null, quoted: null, raw: null }
}

/** The message with one person's reaction set or removed, or null when it stays. */
export function reactedMessage<Message extends MessageView>(message: Message, { from, emoji, timestamp }: ChangeOf<'message.react'>): Message | null {
  const stored = message.reactions.find((reaction) => reaction.from === from)
  if (stored === undefined ? emoji === null : timestamp < stored.timestamp || (timestamp === stored.timestamp && emoji === stored.emoji)) return null
  const others = message.reactions.filter((reaction) => reaction !== stored)
  return { ...message, reactions: emoji === null ? others : [...others, { from, emoji, timestamp }] }
}

/** The message with every mention of the person `from` under the id `to` instead. */
export function renamedMessage(message: MessageRow, from: string, to: string): MessageRow {
  const rename = (id: string): string => (id === from ? to : id)
  return {
    ...message,
    chatId: rename(message.chatId),
    sender: rename(message.sender),
    quoted: message.quoted === null || message.quoted.sender !== from ? message.quoted : { ...message.quoted, sender: to },
    mentions: [...new Set(message.mentions.map(rename))],
    reactions: renamedReactions(message.reactions, from, to),
  }
}

/** At most one reaction a person: of two the later one stays. */
function renamedReactions(reactions: MessageRow['reactions'], from: string, to: string): MessageRow['reactions'] {
  const theirs = reactions.filter((reaction) => reaction.from === from || reaction.from === to)
  if (!theirs.some((reaction) => reaction.from === from)) return reactions
  const last = theirs.reduce((one, other) => (other.timestamp >= one.timestamp ? other : one))
  return [...reactions.filter((reaction) => !theirs.includes(reaction)), { ...last, from: to }]
}

/** Everybody a message names beside its chat: the sender, the quoted sender, the mentioned and those who reacted. */
export const peopleIn = (message: MessageView): ReadonlySet<string> =>
  new Set([message.sender, message.quoted?.sender ?? '', ...message.mentions, ...message.reactions.map((reaction) => reaction.from)].filter((id) => id !== ''))
