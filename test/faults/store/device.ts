import type { FaultStore } from './store.ts'

/** The base keys in each Signal session record, by `session address`. */
export type SignalSessions = ReadonlyMap<string, ReadonlySet<string>>

/** libsignal keeps this many closed sessions in a record (src/session_record.js, CLOSED_SESSIONS_MAX). */
const MOST_CLOSED = 40

/** The Signal session records of all sessions. */
export const signalSessionsOf = async (store: FaultStore): Promise<SignalSessions> =>
  new Map((await store.keys('session')).map(({ session, id, value }) => [`${session} ${id}`, new Set(Object.keys((JSON.parse(value) as { _sessions?: object })._sessions ?? {}))]))

/** The records that were begun anew as if there had been none: a record grows, and only drops its oldest when it is full. */
export const lostBaseKeys = (before: SignalSessions, now: SignalSessions): readonly string[] =>
  [...before].flatMap(([name, keys]) => {
    const kept = now.get(name)
    return kept !== undefined && (kept.size >= MOST_CLOSED || [...keys].every((key) => kept.has(key))) ? [] : [name]
  })

/** What makes each session the same device: its identity key and registration id. */
export const identitiesOf = async (store: FaultStore): Promise<ReadonlyMap<string, string>> =>
  new Map((await store.keys('creds')).map(({ session, value }) => {
    const { signedIdentityKey, registrationId } = JSON.parse(value) as { signedIdentityKey: unknown; registrationId: number }
    return [session, `${JSON.stringify(signedIdentityKey)} ${registrationId}`]
  }))

/** The one-time pre-keys of a session whose private halves are stored: `id key`, the public key in base64. */
export const storedPreKeys = async (store: FaultStore, session: string): Promise<ReadonlySet<string>> =>
  new Set((await store.keys('pre-key')).flatMap((row) => (row.session === session ? [`${row.id} ${(JSON.parse(row.value) as { public: { data: string } }).public.data}`] : [])))
