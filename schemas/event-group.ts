import { Type } from '@sinclair/typebox'
import { kind, moment, person, somebody } from './event-shape.ts'
import { nullable, oneOf } from './ref.ts'

const groupId = Type.String({ description: 'The JID of the group.' })
const by = somebody('Who did it, or null where WhatsApp does not tell.')
const subject = Type.String({ description: 'The name of the group.' })
const description = nullable(Type.String())
const announce = Type.Boolean({ description: 'Only admins may write.' })
const locked = Type.Boolean({ description: "Only admins may change the group's data." })
const ephemeralExpiration = nullable(Type.Integer(), { description: 'Seconds after which messages disappear, or null.' })

/** What happens to groups and in them, beside messages. */
export const groupEvents = {
  'group.updated': kind('A group became known, or something about it changed. Its members are told by `group.participants_changed`, and read by getting its chat.', {
    groupId,
    by,
    changes: Type.Partial(
      Type.Object({
        subject, description, announce, locked, ephemeralExpiration,
        inviteCode: Type.String({ description: 'What its invite link ends with.' }),
        memberAddMode: Type.Boolean({ description: 'Members may add members.' }),
        joinApprovalMode: Type.Boolean({ description: 'Admins approve who joins.' }),
      }),
      { description: 'What one notice changed; empty when the group was read as a whole.' },
    ),
    group: nullable(
      Type.Object({
        subject, description,
        owner: somebody('Who made the group, or null where WhatsApp does not tell.'),
        createdAt: nullable(moment('When it was made.')),
        announce, locked, ephemeralExpiration,
        size: Type.Integer({ description: 'How many members it has.' }),
      }),
      { description: 'The group as it was then, or null before it is known.' },
    ),
  }),
  'group.participants_changed': kind('People came into a group, left it, or became something else in it.', {
    groupId,
    action: oneOf(['add', 'remove', 'promote', 'demote', 'modify'] as const, { description: '`promote` makes admins, `demote` takes that back, `modify` is a changed number.' }),
    participants: Type.Array(person('Somebody.')),
    by,
  }),
  'group.left': kind('The account is no longer in the group.', { groupId, by }),
  'group.join_requested': kind('Somebody asks to join a group, or no longer.', {
    groupId,
    participant: person('Who asks.'),
    by,
    action: oneOf(['created', 'revoked', 'rejected'] as const),
    method: nullable(Type.String(), { description: 'How they found the group, as WhatsApp calls it.' }),
  }),
  'group.member_labeled': kind('A member of a group has another label there.', { groupId, participant: person('Who it is.'), label: Type.String() }),
}

const channelId = Type.String({ description: 'The JID of the channel.' })
const serverId = Type.String({ description: "The number of the post in its channel." })

/** What happens to channels the account follows or runs. */
export const channelEvents = {
  'channel.reaction': kind("The count of an emoji on a channel's post.", {
    channelId, serverId,
    emoji: nullable(Type.String(), { description: 'Null when reactions were taken back.' }),
    count: nullable(Type.Integer()),
  }),
  'channel.participant_changed': kind("Somebody's role in a channel changed.", {
    channelId,
    participant: person('Whose role it is.'),
    by: somebody('Who did it, or null where WhatsApp does not tell.'),
    role: Type.String(),
    action: Type.String(),
  }),
  'channel.updated': kind("A channel's name or description changed.", { channelId, name: nullable(Type.String()), description }),
}
