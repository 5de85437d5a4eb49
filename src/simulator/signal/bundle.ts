import { encodeBigEndian, generateSignalPubKey, KEY_BUNDLE_TYPE } from '@whiskeysockets/baileys'
import { bytes, child, node, type BinaryNode } from '../stanza/node.ts'

/** A device's public keys, as WhatsApp hands them to whoever wants to write to it. */
export type Bundle = {
  registrationId: number
  identity: Buffer
  signedPreKey: { id: number; value: Buffer; signature: Buffer }
  preKey?: { id: number; value: Buffer } | undefined
}

const KEY_ID_BYTES = 3

/** The bundle as the children of `<user>`. */
export const bundleNodes = (bundle: Bundle): BinaryNode[] => [
  node('registration', {}, encodeBigEndian(bundle.registrationId)),
  node('type', {}, KEY_BUNDLE_TYPE),
  node('identity', {}, bundle.identity),
  node('skey', {}, [
    node('id', {}, encodeBigEndian(bundle.signedPreKey.id, KEY_ID_BYTES)),
    node('value', {}, bundle.signedPreKey.value),
    node('signature', {}, bundle.signedPreKey.signature),
  ]),
  ...(bundle.preKey
    ? [node('key', {}, [node('id', {}, encodeBigEndian(bundle.preKey.id, KEY_ID_BYTES)), node('value', {}, bundle.preKey.value)])]
    : []),
]

const readUInt = (value: Buffer | undefined): number => (value && value.length > 0 ? value.readUIntBE(0, value.length) : 0)

/** A `<key>` or `<skey>` node as id and public value. */
export const readKey = (key: BinaryNode | undefined): { id: number; value: Buffer; signature: Buffer | undefined } | undefined => {
  const value = bytes(child(key, 'value'))
  if (!value) return undefined
  return { id: readUInt(bytes(child(key, 'id'))), value, signature: bytes(child(key, 'signature')) }
}

/** The `<keys>` of a retry receipt as a bundle, undefined when it carries none. */
export const readBundle = (receipt: BinaryNode): Bundle | undefined => {
  const keys = child(receipt, 'keys')
  const identity = bytes(child(keys, 'identity'))
  const signed = readKey(child(keys, 'skey'))
  if (!identity || !signed?.signature) return undefined
  const preKey = readKey(child(keys, 'key'))
  return {
    registrationId: readUInt(bytes(child(receipt, 'registration'))),
    identity,
    signedPreKey: { id: signed.id, value: signed.value, signature: signed.signature },
    preKey: preKey && { id: preKey.id, value: preKey.value },
  }
}

/** The bundle in libsignal's own shape (33-byte public keys). */
export const sessionBundle = (bundle: Bundle) => ({
  registrationId: bundle.registrationId,
  identityKey: Buffer.from(generateSignalPubKey(bundle.identity)),
  signedPreKey: {
    keyId: bundle.signedPreKey.id,
    publicKey: Buffer.from(generateSignalPubKey(bundle.signedPreKey.value)),
    signature: bundle.signedPreKey.signature,
  },
  ...(bundle.preKey && {
    preKey: { keyId: bundle.preKey.id, publicKey: Buffer.from(generateSignalPubKey(bundle.preKey.value)) },
  }),
})
