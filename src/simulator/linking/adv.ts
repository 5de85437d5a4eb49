import { randomBytes } from 'node:crypto'
import { Curve, generateSignalPubKey, hmacSign, proto, WA_ADV_ACCOUNT_SIG_PREFIX, WA_ADV_DEVICE_SIG_PREFIX } from '@whiskeysockets/baileys'
import { verifySignature } from 'libsignal/src/curve.js'
import type { KeyPair } from '../world/accounts.ts'

/** A device identity the phone signed: what pair-success carries, and what its answer must fit. */
export type SignedIdentity = { details: Buffer; accountKey: Buffer; hmacMessage: Buffer }

/** Signs a companion into an account, as its phone does; `advSecret` proves that it is the one that was scanned. */
export const signIdentity = (
  account: KeyPair,
  companionIdentity: Buffer,
  deviceId: number,
  advSecret: Buffer,
): SignedIdentity => {
  const details = proto.ADVDeviceIdentity.encode({
    rawId: randomBytes(4).readUInt32BE(0),
    timestamp: Math.floor(Date.now() / 1000),
    keyIndex: deviceId,
    accountType: proto.ADVEncryptionType.E2EE,
    deviceType: proto.ADVEncryptionType.E2EE,
  }).finish()
  const accountSignature = Curve.sign(account.private, Buffer.concat([WA_ADV_ACCOUNT_SIG_PREFIX, details, companionIdentity]))
  const signed = proto.ADVSignedDeviceIdentity.encode({
    details,
    accountSignatureKey: account.public,
    accountSignature,
  }).finish()
  const hmacMessage = proto.ADVSignedDeviceIdentityHMAC.encode({
    details: signed,
    hmac: hmacSign(signed, advSecret),
    accountType: proto.ADVEncryptionType.E2EE,
  }).finish()
  return { details: Buffer.from(details), accountKey: account.public, hmacMessage: Buffer.from(hmacMessage) }
}

/** Whether the companion's answer is signed with its own identity over what the phone signed. */
export const isSignedByCompanion = (signed: SignedIdentity, companionIdentity: Buffer, answer: Uint8Array): boolean => {
  try {
    const { details, deviceSignature } = proto.ADVSignedDeviceIdentity.decode(answer)
    if (!details || !deviceSignature || !signed.details.equals(details)) return false
    const message = Buffer.concat([WA_ADV_DEVICE_SIG_PREFIX, signed.details, companionIdentity, signed.accountKey])
    return verifySignature(Buffer.from(generateSignalPubKey(companionIdentity)), message, Buffer.from(deviceSignature))
  } catch {
    return false
  }
}
