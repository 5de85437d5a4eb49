import { getBinaryNodeChild, proto, WA_ADV_ACCOUNT_SIG_PREFIX, WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX, type BinaryNode, type WASocket } from '@whiskeysockets/baileys'
import { verifySignature } from 'libsignal/src/curve.js'

/** Curve25519 public keys carry this type byte in Signal's spelling. */
const KEY_TYPE = Buffer.from([5])

/**
 * Verifies that the account's own key signed this device, before Baileys answers the pairing. Baileys asks too, but its
 * Curve.verify takes every signature of the right length (lib/Utils/crypto.js over libsignal 6, which returns a boolean).
 */
export function checkAccountSignature(socket: WASocket): void {
  socket.ws.prependListener('CB:iq,,pair-success', (stanza: BinaryNode) => {
    if (!isSigned(stanza, socket.authState.creds.signedIdentityKey.public)) throw new Error('the account signature of the pairing is not valid')
  })
}

/** Whether the `pair-success` stanza holds the account key's signature over the device's details and identity key. */
export function isSigned(stanza: BinaryNode, deviceIdentity: Uint8Array): boolean {
  const identity = getBinaryNodeChild(getBinaryNodeChild(stanza, 'pair-success'), 'device-identity')
  if (!(identity?.content instanceof Uint8Array)) return false
  const { details: signed } = proto.ADVSignedDeviceIdentityHMAC.decode(identity.content)
  const { details, accountSignatureKey, accountSignature } = proto.ADVSignedDeviceIdentity.decode(signed ?? Buffer.alloc(0))
  if (!details || accountSignatureKey?.length !== 32 || accountSignature?.length !== 64) return false
  const hosted = proto.ADVDeviceIdentity.decode(details).deviceType === proto.ADVEncryptionType.HOSTED
  const message = Buffer.concat([hosted ? WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX : WA_ADV_ACCOUNT_SIG_PREFIX, details, deviceIdentity])
  return verifySignature(Buffer.concat([KEY_TYPE, accountSignatureKey]), message, Buffer.from(accountSignature))
}
