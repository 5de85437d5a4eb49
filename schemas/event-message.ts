import { Type } from '@sinclair/typebox'
import { aboutMessage, kind, moment, person } from './event-shape.ts'
import { Message, MessageState } from './message.ts'
import { nullable, oneOf, ref } from './ref.ts'

const asItWas = Type.Unsafe<Message>({ ...ref(Message), description: 'The message as it was then.' })

const RECEIPT_STATES = ['delivered', 'read', 'played'] as const

/** What happens to messages. */
export const messageEvents = {
  'message.received': kind('Somebody wrote to the account, or in a group it is in. Messages that WhatsApp kept while the session was offline come so too; a history never does.', {
    message: asItWas,
  }),
  'message.sent': kind('The account wrote: through this API, or on its phone or another device. For a message of the API it says that the gateway has accepted it; `message.updated` tells how far it comes.', {
    message: asItWas,
    source: oneOf(['api', 'phone'] as const, { description: '`api`: sent through this gateway. `phone`: written on the phone or another linked device.' }),
  }),
  'message.updated': kind('A message of the account came further, or failed. States may be skipped, and never go back.', {
    ...aboutMessage,
    state: ref(MessageState),
    reachedAt: moment('When the state was reached.'),
    error: nullable(Type.String(), { description: 'Why it failed, or null.' }),
  }),
  'message.receipt': kind("One member of a group got, read or played a message of the account. Best effort.", {
    ...aboutMessage,
    by: person('Whose receipt it is.'),
    state: oneOf(RECEIPT_STATES),
    reachedAt: moment('When that was.'),
  }),
  'message.edited': kind('The author changed the text of a message.', {
    ...aboutMessage,
    text: nullable(Type.String(), { description: 'The new body or caption, or null without one.' }),
    editedAt: moment('When it was changed.'),
  }),
  'message.deleted': kind('A message was deleted for everyone.', {
    ...aboutMessage,
    by: person('Its author, or an admin of the group.'),
    deletedAt: moment('When it was deleted.'),
  }),
  'message.removed': kind('A message was deleted for the account alone, on one of its devices.', aboutMessage),
  'message.reaction': kind('Somebody reacted to a message, or took a reaction back.', {
    ...aboutMessage,
    by: person('Who reacted.'),
    emoji: nullable(Type.String(), { description: 'The emoji that now stands, or null when it was taken back.' }),
    reactedAt: moment('When that was, to the second.'),
  }),
  'message.undecryptable': kind('A message came that cannot be read yet. The sender is asked to send it again; if that succeeds, `message.received` or `message.sent` follows with the content, under the same message id.', {
    message: asItWas,
    reason: nullable(Type.String(), { description: 'What the decryption said, or null.' }),
  }),
  'message.addition_unreadable': kind('Somebody added to a message in a sealed form that the gateway cannot open.', {
    ...aboutMessage,
    by: person('Who added it.'),
    addition: oneOf(['reaction', 'comment', 'edit', 'other'] as const),
    addedAt: moment('When that was.'),
  }),
  'message.pinned': kind('A message was pinned in its chat, or taken down.', {
    ...aboutMessage,
    by: person('Who did it.'),
    pinned: Type.Boolean(),
    changedAt: moment('When that was.'),
  }),
  'message.kept': kind('A message was kept in a chat whose messages disappear, or is no longer.', {
    ...aboutMessage,
    by: person('Who did it.'),
    kept: Type.Boolean(),
    changedAt: moment('When that was.'),
  }),
  'message.starred': kind('The account starred a message, or took the star off. May be told again when the chats are refreshed.', {
    ...aboutMessage,
    starred: Type.Boolean(),
  }),
  'poll.vote': kind("Somebody voted in a poll; the vote replaces that person's earlier one.", {
    ...aboutMessage,
    by: person('Who voted.'),
    options: nullable(Type.Array(Type.String()), { description: 'The names of the options chosen, none when the vote was taken back; null when the vote cannot be opened because the poll is not stored here.' }),
    votedAt: moment('When that was.'),
  }),
  'event.answer': kind('Somebody answered an event that was posted in a chat.', {
    ...aboutMessage,
    by: person('Who answered.'),
    answer: nullable(oneOf(['going', 'not_going', 'maybe'] as const), { description: 'Null when the answer cannot be opened because the event is not stored here.' }),
    answeredAt: moment('When that was.'),
  }),
}
