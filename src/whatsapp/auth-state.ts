import { BufferJSON, initAuthCreds, type AuthenticationCreds, type AuthenticationState } from '@whiskeysockets/baileys'
import type { Change, Store } from '../store/store.ts'
import { keyLayer, type KeyLayer } from './guard/key-layer.ts'
import type { WriteBehind } from './guard/write-behind.ts'

const CREDS = { type: 'creds', id: '' } as const

/** Thrown when a linked session has no credentials: a new identity must never take their place. */
export class CredentialsMissing extends Error {
  constructor(sessionId: string) {
    super(`the credentials of session '${sessionId}' are missing from the store`)
    this.name = 'CredentialsMissing'
  }
}

/** Baileys' authentication state over the store. */
export interface AuthState extends AuthenticationState {
  /** The Signal keys, for the repository that encrypts and decrypts. */
  readonly layer: KeyLayer
  /** What writes the credentials, whole, as they are now. */
  credsChange(): Change
  /** Writes the credentials, whole. */
  saveCreds(): void
}

/**
 * Reads the credentials, or makes fresh ones when the store positively has none and the session was never linked.
 * Throws {@link CredentialsMissing}, and whatever the store throws.
 */
export async function loadAuthState(store: Store, sessionId: string, linked: boolean, writes: WriteBehind): Promise<AuthState> {
  const creds = (await readCreds(store, sessionId)) ?? fresh(sessionId, linked)
  await raisePreKeyFloor(store, sessionId, creds)
  const layer = keyLayer(store, sessionId, writes)
  const credsChange = (): Change => ({ kind: 'auth.put', keys: [{ ...CREDS, value: stringify(creds) }] })
  return { creds, keys: layer.keys, layer, credsChange, saveCreds: () => writes.write([credsChange()]) }
}

/** Puts the credentials and keys of a link that is over aside: they are not deleted at once. */
export const archiveAuthState = (store: Store, sessionId: string): Promise<void> => store.commit(sessionId, [{ kind: 'auth.archive', at: Date.now() }])

/** Forgets the credentials and every Signal key of the session. */
export const clearAuthState = (store: Store, sessionId: string): Promise<void> => store.commit(sessionId, [{ kind: 'auth.clear' }])

/** True when a phone has signed the stored credentials, whether or not a connection was opened with them yet. */
export async function isPaired(store: Store, sessionId: string): Promise<boolean> {
  const creds = await readCreds(store, sessionId)
  return creds?.me !== undefined && creds.account !== undefined
}

async function readCreds(store: Store, sessionId: string): Promise<AuthenticationCreds | null> {
  const value = (await store.auth.get(sessionId, CREDS.type, [CREDS.id])).get(CREDS.id)
  return value === undefined ? null : (parse(value) as AuthenticationCreds)
}

function fresh(sessionId: string, linked: boolean): AuthenticationCreds {
  if (linked) throw new CredentialsMissing(sessionId)
  return initAuthCreds()
}

/** A pre-key id is never used twice, even when the credentials are older than the keys. */
async function raisePreKeyFloor(store: Store, sessionId: string, creds: AuthenticationCreds): Promise<void> {
  const highest = await store.auth.highest(sessionId, 'pre-key')
  if (highest === null || highest < creds.nextPreKeyId) return
  creds.nextPreKeyId = highest + 1
}

const stringify = (value: unknown): string => JSON.stringify(value, BufferJSON.replacer)
const parse = (value: string): unknown => JSON.parse(value, BufferJSON.reviver)
