import type { Session, SessionStart } from '../../schemas/session.ts'
import type { Ownership } from '../cluster/lease.ts'
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

/** The session as it stands: what no node runs is not connected, whatever was stored of it last. */
export async function asItStands(session: SessionRow, ownership: Ownership): Promise<SessionRow> {
  const { id, state } = session
  if (!ownership.isShared || state !== 'open' || ownership.lease(id) !== null || (await ownership.ownerOf(id)) !== null) return session
  return { ...session, state: 'reconnecting', reason: 'no node runs the session right now' }
}

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
