import { randomInt } from 'node:crypto'
import { Curve, signedKeyPair } from '@whiskeysockets/baileys'
import type { KeyPair, Phone } from '../world/accounts.ts'
import type { Storage } from '../world/storage.ts'

/** A virtual device's own secrets. */
export type DeviceKeys = {
  identity: KeyPair
  registrationId: number
  signedPreKey: { id: number; pair: KeyPair; signature: Buffer }
  nextPreKey: number
}

/** The secrets of every virtual device, made when first needed (about 10 ms each). */
export type KeyRing = {
  of(phone: Phone): DeviceKeys
  /** A fresh one-time prekey, kept until a message used it. */
  makePreKey(phone: Phone): { id: number; pair: KeyPair }
  preKey(phone: Phone, id: number): KeyPair | undefined
  dropPreKey(phone: Phone, id: number): void
}

const MAX_REGISTRATION_ID = 16_380
const MAX_PREKEY_ID = 0xff_ff_ff
const SIGNED_PREKEY_ID = 1

const pair = (made: { public: Uint8Array; private: Uint8Array }): KeyPair => ({
  public: Buffer.from(made.public),
  private: Buffer.from(made.private),
})

/** Opens the key ring kept in storage. */
export const openKeyRing = (storage: Storage): KeyRing => {
  const rings = storage.collection<DeviceKeys>('signal-keys')
  const preKeys = storage.collection<KeyPair>('signal-prekeys')
  const of = (phone: Phone): DeviceKeys => {
    const known = rings.get(phone.key)
    if (known) return known
    const identity = pair(Curve.generateKeyPair())
    const signed = signedKeyPair(identity, SIGNED_PREKEY_ID)
    const keys: DeviceKeys = {
      identity,
      registrationId: randomInt(1, MAX_REGISTRATION_ID),
      signedPreKey: { id: SIGNED_PREKEY_ID, pair: pair(signed.keyPair), signature: Buffer.from(signed.signature) },
      nextPreKey: 1,
    }
    rings.set(phone.key, keys)
    return keys
  }
  return {
    of,
    makePreKey: (phone) => {
      const keys = of(phone)
      const id = keys.nextPreKey
      const made = pair(Curve.generateKeyPair())
      keys.nextPreKey = id >= MAX_PREKEY_ID ? 1 : id + 1
      rings.set(phone.key, keys)
      preKeys.set(`${phone.key}/${id}`, made)
      return { id, pair: made }
    },
    preKey: (phone, id) => preKeys.get(`${phone.key}/${id}`),
    dropPreKey: (phone, id) => void preKeys.delete(`${phone.key}/${id}`),
  }
}
