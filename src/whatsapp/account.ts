import { lidOf, normalizeJid, phoneOf } from '../jid.ts'
import type { SessionRow } from '../store/store.ts'
import type { AuthState } from './auth-state.ts'
import type { Own } from './inbound/directory.ts'

/** The linked account as the session shows it; null before linking. */
export function toUser(auth: AuthState): SessionRow['user'] {
  const { phone, lid } = ownOf(auth)
  const name = auth.creds.me?.name
  return phone === null ? null : { phone, lid, name: name && name !== '~' ? name : null }
}

/** The account's own addresses. */
export const ownOf = ({ creds }: AuthState): Own => {
  const jid = normalizeJid(creds.me?.id)
  const lid = normalizeJid(creds.me?.lid)
  return { phone: jid ? phoneOf(jid) : null, lid: lid ? lidOf(lid) : null }
}
