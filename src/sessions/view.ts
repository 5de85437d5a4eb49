import type { Session, SessionStart } from '../../schemas/session.ts'
import { toOwnPerson } from '../contacts/people.ts'
import type { SessionRow } from '../store/store.ts'

/** A session as callers see it. */
export const toSession = ({ id, linked, state, reason, stateSince, user, createdAt }: SessionRow): Session => ({
  id,
  isLoggedIn: isLoggedIn({ linked, state }),
  linked,
  state,
  reason,
  stateSince,
  user: user === null || !linked ? null : toOwnPerson(user),
  createdAt,
})

/** Linked and open. */
const isLoggedIn = ({ linked, state }: Pick<SessionRow, 'linked' | 'state'>): boolean => linked && state === 'open'

/** How a start went; `qr` is the code as a data URL. */
export const toSessionStart = (session: SessionRow, qr: { readonly dataUrl: string; readonly expiresAt: Date } | null): SessionStart => ({
  status: isLoggedIn(session) ? 'already_logged_in' : session.state,
  state: session.state,
  reason: session.reason,
  qr: session.state === 'qr' ? (qr?.dataUrl ?? null) : null,
  expiresAt: session.state === 'qr' ? (qr?.expiresAt.toISOString() ?? null) : null,
})
