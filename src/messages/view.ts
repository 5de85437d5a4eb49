import type { Message, StateTimes } from '../../schemas/message.ts'
import { peopleOf, type People } from '../contacts/people.ts'
import { messageNotFound } from '../errors.ts'
import type { MessageView, Page, PageRequest, SessionRow, Store } from '../store/store.ts'

/** A page of a chat's messages, newest first. */
export async function messagePage(store: Store, session: SessionRow, chatId: string, request: PageRequest): Promise<Page<Message>> {
  const { rows, next } = await store.messages.page(session.id, chatId, request)
  const people = await peopleOf(store, session, rows.flatMap(peopleIn))
  return { rows: rows.map((row) => toMessage(row, people)), next }
}

/** One message, or the MESSAGE_NOT_FOUND problem. */
export async function getMessage(store: Store, session: SessionRow, chatId: string, id: string): Promise<Message> {
  const row = await store.messages.get(session.id, chatId, id)
  if (!row) throw messageNotFound(chatId, id)
  return toMessage(row, await peopleOf(store, session, peopleIn(row)))
}

/** Everybody a message names with more than an id. */
const peopleIn = ({ sender, quoted, reactions }: MessageView): string[] => [sender, quoted?.sender ?? '', ...reactions.map(({ from }) => from)]

/** A message as callers see it. */
export const toMessage = (row: MessageView, people: People): Message => ({
  id: row.id,
  chatId: row.chatId,
  from: people(row.sender),
  fromMe: row.sender === '',
  type: row.type,
  text: row.text,
  content: row.content,
  timestamp: row.timestamp,
  state: row.state,
  stateTimes: row.sender === '' ? toStateTimes(row.stateTimes) : null,
  error: row.error,
  quoted: row.quoted === null ? null : { id: row.quoted.id, from: row.quoted.sender === null ? null : people(row.quoted.sender), type: row.quoted.type, text: row.quoted.text },
  mentions: [...row.mentions],
  reactions: row.reactions.map(({ from, emoji, timestamp }) => ({ from: people(from), emoji, timestamp })),
  edited: row.editedAt !== null,
  editedAt: toTime(row.editedAt),
  deleted: row.deletedAt !== null,
  deletedAt: toTime(row.deletedAt),
  media: row.media === null ? null : { ...row.media },
})

/** `sent` at a Unix millisecond is `sentAt` in RFC 3339. */
const toStateTimes = (times: MessageView['stateTimes']): StateTimes => Object.fromEntries(Object.entries(times).map(([state, at]) => [`${state}At`, toTime(at)]))

/** Unix milliseconds as RFC 3339. */
const toTime = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())
