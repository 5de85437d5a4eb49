import * as libsignal from 'libsignal'
import { PreKeyWhisperMessage } from 'libsignal/src/protobufs.js'

/** One ratchet of a record, as libsignal keeps it. */
type Session = { indexInfo: { used: number; closed: number; baseKey: Buffer } }

/** The parts of libsignal's record that its own typings leave out. */
type Record_ = libsignal.SessionRecord & {
  sessions: Record<string, Session>
  getSession(baseKey: Uint8Array): Session | undefined
  getOpenSession(): Session | undefined
  closeSession(session: Session): void
}
type Cipher = libsignal.SessionCipher & { doDecryptWhisperMessage(bytes: Uint8Array, session: Session): Promise<Buffer> }
type Builder = libsignal.SessionBuilder & { initIncoming(record: Record_, message: unknown): Promise<number | undefined> }

/** A record as it is stored: plain JSON made by libsignal. */
export type StoredRecord = { _sessions: Record<string, { indexInfo: { used: number; closed: number } }>; version: string }

const MAX_SESSIONS = 10

/** Closes without libsignal's console line, which prints private keys. */
const closeQuietly = (session: Session): void => {
  session.indexInfo.closed = Date.now()
}

/** A live record from its stored form, or an empty one. */
export const openRecord = (stored: StoredRecord | undefined): libsignal.SessionRecord => {
  const record = (stored
    ? libsignal.SessionRecord.deserialize(stored as unknown as Uint8Array)
    : new libsignal.SessionRecord()) as Record_
  record.closeSession = closeQuietly
  return record
}

/** The stored form; the least recently used closed sessions beyond a few are left out. */
export const storeRecord = (record: libsignal.SessionRecord): StoredRecord => {
  const stored = record.serialize() as unknown as StoredRecord
  const closed = Object.entries(stored._sessions).filter(([, session]) => session.indexInfo.closed !== -1)
  if (closed.length < MAX_SESSIONS) return stored
  closed.sort(([, a], [, b]) => a.indexInfo.closed - b.indexInfo.closed)
  for (const [key] of closed.slice(0, closed.length - MAX_SESSIONS)) delete stored._sessions[key]
  return stored
}

/** Decrypts a `msg`: each session is tried on a copy of its own, so a failed try cannot spoil a ratchet. */
export const decryptWhisper = async (
  storage: libsignal.SignalStorage,
  address: libsignal.ProtocolAddress,
  stored: StoredRecord | undefined,
  ciphertext: Buffer,
): Promise<{ plaintext: Buffer; stored: StoredRecord }> => {
  const cipher = new libsignal.SessionCipher(storage, address) as Cipher
  const newest = Object.entries(stored?._sessions ?? {}).sort(([, a], [, b]) => b.indexInfo.used - a.indexInfo.used)
  for (const [key, session] of newest) {
    const record = openRecord({ _sessions: { [key]: session }, version: stored?.version ?? 'v1' }) as Record_
    const attempt = record.sessions[key]
    if (!attempt) continue
    try {
      const plaintext = await cipher.doDecryptWhisperMessage(ciphertext, attempt)
      attempt.indexInfo.used = Date.now()
      const merged = storeRecord(record)
      return { plaintext, stored: { ...merged, _sessions: { ...stored?._sessions, ...merged._sessions } } }
    } catch {
      continue
    }
  }
  throw new Error('no session fits this message')
}

/** Decrypts a `pkmsg`, making the session it starts; tells which one-time prekey it used up. */
export const decryptPreKey = async (
  storage: libsignal.SignalStorage,
  address: libsignal.ProtocolAddress,
  stored: StoredRecord | undefined,
  ciphertext: Buffer,
): Promise<{ plaintext: Buffer; stored: StoredRecord; usedPreKey: number | undefined }> => {
  const message = PreKeyWhisperMessage.decode(ciphertext.subarray(1))
  const record = openRecord(stored) as Record_
  const baseKey = Buffer.from(message.baseKey)
  if (!record.getSession(baseKey)) {
    const open = record.getOpenSession()
    if (open) closeQuietly(open)
  }
  const builder = new libsignal.SessionBuilder(storage, address) as Builder
  const usedPreKey = await builder.initIncoming(record, message)
  const session = record.getSession(baseKey)
  if (!session) throw new Error('no session came of this prekey message')
  const cipher = new libsignal.SessionCipher(storage, address) as Cipher
  const plaintext = await cipher.doDecryptWhisperMessage(Buffer.from(message.message), session)
  return { plaintext, stored: storeRecord(record), usedPreKey }
}
