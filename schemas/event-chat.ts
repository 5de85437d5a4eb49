import { Type } from '@sinclair/typebox'
import { Chat } from './chat.ts'
import { Contact } from './contact.ts'
import { chatId, kind, moment, person, somebody } from './event-shape.ts'
import { nullable, oneOf } from './ref.ts'

const { name, unreadCount, archived, pin, mute, ephemeralExpiration, ephemeralSettingTimestamp, labels } = Chat.properties
const { pushname, verifiedName, shortName } = Contact.properties

/** What happens to chats. */
export const chatEvents = {
  'chat.updated': kind("Fields of a chat changed on the phone or another device, or a chat known only by its LID became its phone's. Messages that come and go are told by their own events.", {
    chatId,
    previousId: nullable(Type.String(), { description: 'The id the chat had until now, when it got another one; both are accepted for ever.' }),
    changes: Type.Partial(Type.Object({ name, unreadCount, archived, pin, mute, ephemeralExpiration, ephemeralSettingTimestamp, labels }), { description: 'The fields that were set, as they are now.' }),
  }),
  'chat.deleted': kind('A chat was deleted with its messages.', { chatId }),
  'chat.cleared': kind('All messages of a chat were deleted for the account, and the chat stays.', { chatId }),
  'chat.locked': kind("A chat was put behind the phone's lock, or taken out. May be told again when the chats are refreshed.", { chatId, locked: Type.Boolean() }),
}

/** What becomes known of people. */
export const contactEvents = {
  'contact.updated': kind('Something new became known of a person: a name, or that a phone and a LID are one person.', {
    contact: person('The person, under every name that is known.'),
    changes: Type.Partial(Type.Object({ name: nullable(Type.String(), { description: 'The name in the address book.' }), pushname, verifiedName, shortName }), { description: 'The names that were told.' }),
  }),
  'contact.picture_changed': kind('A person or a group has another picture, or none.', {
    chatId: Type.String({ description: 'The canonical JID of the person or group.' }),
    contact: somebody('The person, or null for a group.'),
    removed: Type.Boolean(),
  }),
  'blocklist.updated': kind('People were blocked, or no longer.', { contacts: Type.Array(person('Somebody.')), blocked: Type.Boolean() }),
  'presence.updated': kind('Somebody is there, has gone, or is writing in a chat. Told live on the event streams alone: it is not stored, has no `seq`, and reaches no webhook.', {
    chatId,
    contact: person('Who it is.'),
    presence: oneOf(['available', 'unavailable', 'composing', 'recording', 'paused'] as const, { description: '`composing` writes, `recording` speaks, `paused` has stopped.' }),
    lastSeenAt: nullable(moment('When the person was last there.'), { description: 'When the person was last there, or null when hidden or unknown.' }),
    onlineCount: nullable(Type.Integer(), { description: 'How many members of a group are there, or null.' }),
  }),
}

/** Calls; they may be told late, or not at all. */
export const callEvents = {
  'call.received': kind('Somebody calls.', callData(Type.Boolean({ description: 'True when the call came while the session was offline.' }))),
  'call.updated': kind('A call went on: it rings, was taken, refused, or ended.', callData(Type.Boolean({ description: 'True when this happened while the session was offline.' }))),
}

function callData<T>(offline: T) {
  return {
    callId: Type.String(),
    chatId,
    from: person('Who calls.'),
    groupId: nullable(Type.String(), { description: 'The group that is called, or null.' }),
    video: Type.Boolean(),
    status: Type.String({ description: "The step as WhatsApp calls it: `offer`, `ringing`, `accept`, `reject`, `timeout`, `terminate` or another." }),
    offline,
    happenedAt: moment('When that was.'),
  }
}

/** Labels of WhatsApp Business. */
export const labelEvents = {
  'label.edited': kind('A label was made, changed or deleted. May be told again when the chats are refreshed.', {
    labelId: Type.String(),
    name: Type.String(),
    color: Type.Integer({ description: "The number of its colour in WhatsApp's palette." }),
    deleted: Type.Boolean(),
  }),
  'label.applied': kind('A label was put on a chat or a message, or taken off.', {
    labelId: Type.String(),
    chatId,
    messageId: nullable(Type.String(), { description: 'The message, or null when it is on the chat itself.' }),
    applied: Type.Boolean(),
  }),
}
