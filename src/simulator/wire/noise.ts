import { createHash, hkdfSync } from 'node:crypto'
import { aesDecryptGCM, aesEncryptGCM, Curve, NOISE_MODE, proto } from '@whiskeysockets/baileys'
import type { Authority } from './authority.ts'

/** The ciphers of a finished handshake; each side counts its own frames. */
export type NoiseTransport = {
  encrypt(plaintext: Uint8Array): Buffer
  decrypt(ciphertext: Uint8Array): Buffer
}

/** What the client said of itself: its static key (the login credential) and its payload. */
export type ClientHello = { noiseKey: Buffer; payload: proto.ClientPayload; transport: NoiseTransport }

/** The responder's side of Noise_XX_25519_AESGCM_SHA256, in WhatsApp's two messages. */
export type NoiseResponder = {
  /** Takes the client's first message, answers the server's. */
  greet(first: Uint8Array): Buffer
  /** Takes the client's second message; the transport is ready then. */
  finish(second: Uint8Array): ClientHello
}

const EMPTY = Buffer.alloc(0)
const KEY_BYTES = 32
const IV_BYTES = 12
const COUNTER_OFFSET = 8

const ivOf = (counter: number): Buffer => {
  const iv = Buffer.alloc(IV_BYTES)
  iv.writeUInt32BE(counter, COUNTER_OFFSET)
  return iv
}

const expand = (secret: Uint8Array, salt: Uint8Array): [Buffer, Buffer] => {
  const out = Buffer.from(hkdfSync('sha256', secret, salt, EMPTY, 2 * KEY_BYTES))
  return [out.subarray(0, KEY_BYTES), out.subarray(KEY_BYTES)]
}

const makeTransport = (readKey: Buffer, writeKey: Buffer): NoiseTransport => {
  let read = 0
  let written = 0
  return {
    encrypt: (plaintext) => aesEncryptGCM(plaintext, writeKey, ivOf(written++), EMPTY),
    decrypt: (ciphertext) => aesDecryptGCM(ciphertext, readKey, ivOf(read++), EMPTY),
  }
}

/** Starts a handshake; `header` is the four-byte intro the client sent. */
export const makeResponder = (authority: Authority, header: Uint8Array): NoiseResponder => {
  let hash: Buffer = Buffer.from(NOISE_MODE)
  let salt: Buffer = hash
  let key: Buffer = hash
  let counter = 0
  const ephemeral = Curve.generateKeyPair()

  const authenticate = (data: Uint8Array): void => {
    hash = createHash('sha256').update(hash).update(data).digest()
  }
  const mix = (secret: Uint8Array): void => {
    ;[salt, key] = expand(secret, salt)
    counter = 0
  }
  const encrypt = (plaintext: Uint8Array): Buffer => {
    const sealed = aesEncryptGCM(plaintext, key, ivOf(counter++), hash)
    authenticate(sealed)
    return sealed
  }
  const decrypt = (sealed: Uint8Array): Buffer => {
    const plaintext = aesDecryptGCM(sealed, key, ivOf(counter++), hash)
    authenticate(sealed)
    return plaintext
  }

  authenticate(header)
  return {
    greet: (first) => {
      const client = proto.HandshakeMessage.decode(first).clientHello?.ephemeral
      if (!client) throw new Error('the client hello has no ephemeral key')
      authenticate(client)
      authenticate(ephemeral.public)
      mix(Curve.sharedKey(ephemeral.private, client))
      const sealedStatic = encrypt(authority.staticPair.public)
      mix(Curve.sharedKey(authority.staticPair.private, client))
      const payload = encrypt(authority.chain)
      const hello = { serverHello: { ephemeral: ephemeral.public, static: sealedStatic, payload } }
      return Buffer.from(proto.HandshakeMessage.encode(hello).finish())
    },
    finish: (second) => {
      const { static: sealedStatic, payload } = proto.HandshakeMessage.decode(second).clientFinish ?? {}
      if (!sealedStatic || !payload) throw new Error('the client finish is incomplete')
      const noiseKey = decrypt(sealedStatic)
      mix(Curve.sharedKey(ephemeral.private, noiseKey))
      const opened = proto.ClientPayload.decode(decrypt(payload))
      const [readKey, writeKey] = expand(EMPTY, salt)
      return { noiseKey, payload: opened, transport: makeTransport(readKey, writeKey) }
    },
  }
}
