import { Type, type Static } from '@sinclair/typebox'
import { Person } from './person.ts'
import { nullable, oneOf, ref } from './ref.ts'

/** Session ids are the caller's; they are never a path on disk. */
export const SESSION_ID = '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$'

/** Every state a session can be in. */
export const SESSION_STATES = [
  'stopped', 'starting', 'qr', 'pairing', 'connecting', 'open', 'reconnecting',
  'expired', 'logged_out', 'conflict', 'banned', 'outdated', 'store_error',
] as const

/** What a session is doing. */
export const SessionState = oneOf(SESSION_STATES, {
  $id: 'SessionState',
  description:
    'stopped: not running. starting: about to connect. qr: shows a QR code to scan. pairing: shows a pairing code to type. connecting: a linked session is logging in. open: connected. ' +
    'reconnecting: the connection was lost and is tried again. expired: the code was never used. logged_out: WhatsApp or the phone removed the link. conflict: another program took over the connection. ' +
    'banned: WhatsApp closed the account. outdated: WhatsApp wants a newer client version. store_error: the store failed, so the session stopped speaking.',
})
export type SessionState = Static<typeof SessionState>

/** A WhatsApp account linked (or to be linked) to this gateway. */
export const Session = Type.Object(
  {
    id: Type.String({ description: 'The id the session was created under.', examples: ['sales'] }),
    isLoggedIn: Type.Boolean({ description: 'True when linked and open.' }),
    linked: Type.Boolean({ description: 'True when a WhatsApp account is linked, whether connected or not.' }),
    state: ref(SessionState),
    reason: nullable(Type.String(), { description: 'Why the session is in this state, in words.' }),
    stateSince: Type.String({ format: 'date-time', description: 'When the session came into this state.' }),
    user: nullable(ref(Person), { description: 'The linked account, or null before linking.' }),
    createdAt: Type.String({ format: 'date-time', description: 'When the session was created.' }),
  },
  { $id: 'Session', description: 'A WhatsApp account linked, or to be linked, to this gateway.' },
)
export type Session = Static<typeof Session>

/** A session's id in a path. */
export const SessionId = Type.String({ pattern: SESSION_ID, description: 'Letters, digits, `_` and `-`, 64 at most, the first a letter or digit.', examples: ['sales'] })

/** The path of everything under a session. */
export const SessionParams = Type.Object({ session_id: SessionId }, { additionalProperties: false })
export type SessionParams = Static<typeof SessionParams>

/** How long POST S waits for a QR code or the connection. */
export const StartQuery = Type.Object(
  { wait: Type.Optional(Type.Number({ minimum: 0, maximum: 25, default: 10, description: 'Seconds to wait for a QR code or an open connection.' })) },
  { additionalProperties: false },
)
export type StartQuery = Static<typeof StartQuery>

/** What POST S answers. */
export const SessionStart = Type.Object(
  {
    status: Type.String({ description: '`already_logged_in` when linked and open, `qr` when a code waits to be scanned, else the state.', examples: ['qr'] }),
    state: ref(SessionState),
    reason: nullable(Type.String(), { description: 'Why the session is in this state, in words.' }),
    qr: nullable(Type.String(), { description: 'The QR code as a `data:image/png;base64,` URL, or null.' }),
    expiresAt: nullable(Type.String({ format: 'date-time' }), { description: 'When the QR code is replaced, or null.' }),
  },
  { $id: 'SessionStart', description: 'How starting a session went.' },
)
export type SessionStart = Static<typeof SessionStart>

/** What DELETE S answers. */
export const SessionRemoval = Type.Object(
  {
    status: Type.Literal('logged_out', { type: 'string' }),
    remote: Type.Boolean({ description: 'True when WhatsApp confirmed the logout; false when the session was only removed here.' }),
  },
  { $id: 'SessionRemoval', description: 'How removing a session went.' },
)
export type SessionRemoval = Static<typeof SessionRemoval>

/** What POST S/logout answers. */
export const SessionLogout = Type.Object(
  {
    status: Type.Literal('logged_out', { type: 'string' }),
    remote: Type.Boolean({ description: 'True when WhatsApp confirmed the logout; false when the link was only forgotten here.' }),
    session: ref(Session),
  },
  { $id: 'SessionLogout', description: 'How logging out went; the session and its chats stay.' },
)
export type SessionLogout = Static<typeof SessionLogout>
