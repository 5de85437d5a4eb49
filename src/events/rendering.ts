import type { EventData, StoredEventType } from '../../schemas/event.ts'
import type { MessageRef } from '../../schemas/event-shape.ts'
import type { Message } from '../../schemas/message.ts'
import { toOwnPerson, type People } from '../contacts/people.ts'
import { isGroup, isPerson } from '../jid.ts'
import { toMessage } from '../messages/view.ts'
import { contactId } from '../store/rules/contacts.ts'
import type { MessageKey, MessageView } from '../store/store.ts'
import type { Logged, LoggedSession } from './logged.ts'

/** What the log keeps of one type of event, put into the words of the API. Pure but for `people`, which is asked for everybody that is named. */
export type Renderers = { readonly [T in StoredEventType]: (logged: Logged<T>, people: People) => EventData<T> }

const toTime = (atMs: number): string => new Date(atMs).toISOString()
const inSeconds = (at: number): string => toTime(at * 1000)

/** A chat's id as it is now: a person's may have become another one since. */
const chatNow = (id: string, people: People): string => (isPerson(id) ? people(id).id : id)

const somebody = (id: string | null, people: People) => (id === null ? null : people(id))

const about = ({ key }: { readonly key: MessageKey }, people: People): { message: MessageRef } => ({
  message: { id: key.id, chatId: chatNow(key.chatId, people), from: people(key.sender), fromMe: key.sender === '' },
})

const whole = (row: MessageView, people: People): Message => {
  const message = toMessage(row, people)
  return { ...message, chatId: chatNow(row.chatId, people), mentions: row.mentions.map((id) => people(id).id) }
}

const session = ({ state, reason, linked, user }: LoggedSession) => ({ state, reason, linked, user: user === null ? null : toOwnPerson(user) })

const call = ({ id, chatId, from, groupId, video, status, offline, at }: Logged<'call.received'>, people: People) => ({
  callId: id, chatId: chatNow(chatId, people), from: people(from), groupId, video, status, offline, happenedAt: toTime(at),
})

/** What is given, without what is not: a name that is undefined was not told. */
const pushNamed = ({ pushName, ...others }: Logged<'contact.updated'>['fields']) => ({ ...others, ...(pushName === undefined ? {} : { pushname: pushName }) })

/** One line a type: a new type does not compile without one. */
export const RENDERERS: Renderers = {
  'message.received': ({ message }, people) => ({ message: whole(message, people) }),
  'message.sent': ({ message, source }, people) => ({ message: whole(message, people), source }),
  'message.undecryptable': ({ message, reason }, people) => ({ message: whole(message, people), reason }),
  'message.updated': ({ state, at, error, ...fact }, people) => ({ ...about(fact, people), state, reachedAt: toTime(at), error }),
  'message.receipt': ({ participant, state, at, ...fact }, people) => ({ ...about(fact, people), by: people(participant), state, reachedAt: toTime(at) }),
  'message.edited': ({ text, at, ...fact }, people) => ({ ...about(fact, people), text, editedAt: toTime(at) }),
  'message.deleted': ({ by, at, ...fact }, people) => ({ ...about(fact, people), by: people(by), deletedAt: toTime(at) }),
  'message.removed': about,
  'message.reaction': ({ from, emoji, timestamp, ...fact }, people) => ({ ...about(fact, people), by: people(from), emoji, reactedAt: inSeconds(timestamp) }),
  'message.addition_unreadable': ({ by, addition, at, ...fact }, people) => ({ ...about(fact, people), by: people(by), addition, addedAt: toTime(at) }),
  'message.pinned': ({ by, pinned, at, ...fact }, people) => ({ ...about(fact, people), by: people(by), pinned, changedAt: toTime(at) }),
  'message.kept': ({ by, kept, at, ...fact }, people) => ({ ...about(fact, people), by: people(by), kept, changedAt: toTime(at) }),
  'message.starred': ({ starred, ...fact }, people) => ({ ...about(fact, people), starred }),
  'poll.vote': ({ by, vote, at, ...fact }, people) => ({ ...about(fact, people), by: people(by), options: 'options' in vote ? [...vote.options] : null, votedAt: toTime(at) }),
  'event.answer': ({ by, answer, at, ...fact }, people) => ({ ...about(fact, people), by: people(by), answer: typeof answer === 'string' ? answer : null, answeredAt: toTime(at) }),

  'session.created': session,
  'session.stopped': session,
  'session.starting': session,
  'session.qr': session,
  'session.pairing': session,
  'session.connecting': session,
  'session.open': session,
  'session.reconnecting': session,
  'session.expired': session,
  'session.logged_out': session,
  'session.conflict': session,
  'session.banned': session,
  'session.outdated': session,
  'session.store_error': session,
  'session.deleted': () => ({}),

  'chat.updated': ({ id, previousId, fields: { labels, ...fields } }, people) => ({
    chatId: chatNow(id, people), previousId: previousId ?? null, changes: { ...fields, ...(labels === undefined ? {} : { labels: [...labels] }) },
  }),
  'chat.deleted': ({ id }, people) => ({ chatId: chatNow(id, people) }),
  'chat.cleared': ({ id }, people) => ({ chatId: chatNow(id, people) }),
  'chat.locked': ({ id, locked }, people) => ({ chatId: chatNow(id, people), locked }),

  'contact.updated': ({ phone, lid, fields }, people) => ({ contact: people(contactId(phone, lid)), changes: pushNamed(fields) }),
  'contact.picture_changed': ({ id, removed }, people) => ({ chatId: chatNow(id, people), contact: isGroup(id) ? null : people(id), removed }),
  'blocklist.updated': ({ persons, blocked }, people) => ({ contacts: persons.map(people), blocked }),

  'group.updated': ({ id, by, changed, group }, people) => ({
    groupId: id,
    by: somebody(by, people),
    changes: { ...changed },
    group: group && {
      subject: group.subject, description: group.description, owner: somebody(group.owner, people), createdAt: group.createdAt === null ? null : inSeconds(group.createdAt),
      announce: group.announce, locked: group.locked, ephemeralExpiration: group.ephemeralExpiration, size: group.size,
    },
  }),
  'group.participants_changed': ({ id, action, participants, by }, people) => ({ groupId: id, action, participants: participants.map(people), by: somebody(by, people) }),
  'group.left': ({ id, by }, people) => ({ groupId: id, by: somebody(by, people) }),
  'group.join_requested': ({ id, participant, by, action, method }, people) => ({ groupId: id, participant: people(participant), by: somebody(by, people), action, method }),
  'group.member_labeled': ({ id, participant, label }, people) => ({ groupId: id, participant: people(participant), label }),

  'call.received': call,
  'call.updated': call,

  'label.edited': ({ id, name, color, deleted }) => ({ labelId: id, name, color, deleted }),
  'label.applied': ({ labelId, chatId, messageId, applied }, people) => ({ labelId, chatId: chatNow(chatId, people), messageId, applied }),

  'channel.reaction': ({ id, serverId, emoji, count }) => ({ channelId: id, serverId, emoji, count }),
  'channel.participant_changed': ({ id, by, user, role, action }, people) => ({ channelId: id, participant: people(user), by: by === '' ? null : people(by), role, action }),
  'channel.updated': ({ id, name, description }) => ({ channelId: id, name, description }),

  'settings.updated': ({ setting, value }) => ({ setting, value: JSON.parse(value) as unknown }),
  'account.capped': ({ quota, used, status }) => ({ quota, used, status }),
  'history.progress': ({ syncType, status, progress, chunk }) => ({ kind: syncType, status, progress, chunk }),

  'webhook.gap': (data) => data,
  'webhook.disabled': (data) => data,
  'webhook.enabled': (data) => data,
}
