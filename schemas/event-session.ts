import { Type } from '@sinclair/typebox'
import { kind, somebody } from './event-shape.ts'
import { nullable, oneOf, ref } from './ref.ts'
import { SessionState } from './session.ts'

/** A session as it is after a step. */
export const SessionStep = Type.Object(
  {
    state: ref(SessionState),
    reason: nullable(Type.String(), { description: 'Why the session is in this state, in words.' }),
    linked: Type.Boolean({ description: 'True when a WhatsApp account is linked, whether connected or not.' }),
    user: somebody('The linked account, or null before linking.'),
  },
  { $id: 'SessionStep', description: 'A session as it is after a step.' },
)

const step = (description: string) => ({ description, data: ref(SessionStep) })

/** What becomes of sessions: one type for each state, and the first and last of all. */
export const sessionEvents = {
  'session.created': step('The session was created.'),
  'session.stopped': step('The session does not run.'),
  'session.starting': step('The session is about to connect.'),
  'session.qr': step('The session shows a QR code to scan. Codes that replace it are not told again: get them from `GET /sessions/:session_id/qr`.'),
  'session.pairing': step('The session shows a pairing code to type on the phone.'),
  'session.connecting': step('The session, linked, is logging in.'),
  'session.open': step('The session is connected.'),
  'session.reconnecting': step('The connection was lost and is tried again.'),
  'session.expired': step('No code was used in time.'),
  'session.logged_out': step('WhatsApp or the phone removed the link.'),
  'session.conflict': step('Another program took over the connection.'),
  'session.banned': step('WhatsApp closed the account.'),
  'session.outdated': step('WhatsApp wants a newer client version.'),
  'session.store_error': step('The store failed, so the session stopped speaking.'),
  'session.deleted': kind('The session was removed with its chats and messages. Its log ends here, and goes on if a session is created under the id again.', {}),
}

/** What becomes of the account behind a session. */
export const accountEvents = {
  'settings.updated': kind("A setting of the account was changed on another of its devices. May be told again when the chats are refreshed.", {
    setting: Type.String({ description: 'Its name, as WhatsApp calls it.' }),
    value: Type.Unknown({ description: 'Its value, any JSON.' }),
  }),
  'account.capped': kind('WhatsApp told how many new chats the account may begin.', {
    quota: nullable(Type.Integer(), { description: 'How many in all, or null where WhatsApp does not tell.' }),
    used: nullable(Type.Integer(), { description: 'How many it has begun, or null.' }),
    status: nullable(Type.String()),
  }),
  'history.progress': kind('A piece of the history that the phone hands over is stored. Its chats and messages are read through the API and are not told one by one.', {
    kind: oneOf(['bootstrap', 'status', 'full', 'recent', 'pushNames', 'settings', 'onDemand', 'other'] as const, { description: 'What the piece is made of; `onDemand` answers a request for older messages.' }),
    status: oneOf(['progress', 'complete', 'paused'] as const, { description: '`paused`: the phone has stopped sending for now.' }),
    progress: nullable(Type.Integer({ minimum: 0, maximum: 100 }), { description: 'Percent, or null where the phone does not tell.' }),
    chunk: nullable(Type.Integer(), { description: 'The number of the piece, or null.' }),
  }),
}

const seq = (description: string) => Type.Integer({ minimum: 1, description })

/** What becomes of the webhooks that hear of a session. */
export const webhookEvents = {
  'webhook.gap': kind('Events of this session were removed by age or number before a webhook got them.', {
    webhookId: Type.String(),
    from: seq('The seq of the first event it never got.'),
    to: seq('The seq of the last one.'),
  }),
  'webhook.disabled': kind('Nothing is delivered to a webhook any more until it is enabled again.', {
    webhookId: Type.String(),
    reason: Type.String({ description: 'Why, in words.' }),
  }),
  'webhook.enabled': kind('A webhook is delivered to again, from where it stopped.', { webhookId: Type.String() }),
  'webhook.test': kind('Nothing happened: `POST /webhooks/:webhook_id/test` asked for it.', { webhookId: Type.String() }),
}
