import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { aesDecryptGCM, Curve, hkdf } from '@whiskeysockets/baileys'
import type { KeyPair } from '../world/accounts.ts'

const ITERATIONS = 131_072
const KEY_BYTES = 32
const SALT_BYTES = 32
const IV_BYTES = 16
const GCM_IV_BYTES = 12
const derive = promisify(pbkdf2)

/** The phone's half of a pairing by code, after the code was typed in. */
export type CodeExchange = { ephemeral: KeyPair; companionEphemeral: Buffer; wrapped: Buffer }

const codeKey = (code: string, salt: Buffer): Promise<Buffer> =>
  derive(Buffer.from(code, 'ascii'), salt, ITERATIONS, KEY_BYTES, 'sha256')

/** Opens the companion's ephemeral key with the typed code and wraps the phone's own with it; a wrong code only shows later. */
export const openExchange = async (code: string, wrapped: Buffer): Promise<CodeExchange> => {
  const salt = wrapped.subarray(0, SALT_BYTES)
  const iv = wrapped.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES)
  const decipher = createDecipheriv('aes-256-ctr', await codeKey(code, salt), iv)
  const companionEphemeral = Buffer.concat([decipher.update(wrapped.subarray(SALT_BYTES + IV_BYTES)), decipher.final()])
  const made = Curve.generateKeyPair()
  const ephemeral = { public: Buffer.from(made.public), private: Buffer.from(made.private) }
  const [ownSalt, ownIv] = [randomBytes(SALT_BYTES), randomBytes(IV_BYTES)]
  const cipher = createCipheriv('aes-256-ctr', await codeKey(code, ownSalt), ownIv)
  const own = Buffer.concat([ownSalt, ownIv, cipher.update(ephemeral.public), cipher.final()])
  return { ephemeral, companionEphemeral, wrapped: own }
}

/** Opens the companion's key bundle: the ADV secret both ends now share, or undefined when the code was wrong. */
export const openKeyBundle = (exchange: CodeExchange, account: KeyPair, identity: Buffer, bundle: Buffer): Buffer | undefined => {
  const shared = Curve.sharedKey(exchange.ephemeral.private, exchange.companionEphemeral)
  const salt = bundle.subarray(0, SALT_BYTES)
  const key = hkdf(shared, KEY_BYTES, { salt, info: 'link_code_pairing_key_bundle_encryption_key' })
  const iv = bundle.subarray(SALT_BYTES, SALT_BYTES + GCM_IV_BYTES)
  let opened: Buffer
  try {
    opened = aesDecryptGCM(bundle.subarray(SALT_BYTES + GCM_IV_BYTES), Buffer.from(key), iv, Buffer.alloc(0))
  } catch {
    return undefined
  }
  if (!opened.subarray(0, KEY_BYTES).equals(identity)) return undefined
  const random = opened.subarray(2 * KEY_BYTES)
  const identityShared = Curve.sharedKey(account.private, identity)
  return Buffer.from(hkdf(Buffer.concat([shared, identityShared, random]), KEY_BYTES, { info: 'adv_secret' }))
}
