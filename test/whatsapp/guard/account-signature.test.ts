import { EventEmitter } from 'node:events'
import { randomBytes } from 'node:crypto'
import { Curve, proto, WA_ADV_ACCOUNT_SIG_PREFIX, WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX, type BinaryNode, type WASocket } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { checkAccountSignature, isSigned } from '../../../src/whatsapp/guard/account-signature.ts'

const device = Curve.generateKeyPair()
const account = Curve.generateKeyPair()
const { E2EE, HOSTED } = proto.ADVEncryptionType

/** What the server tells of a pairing, signed by the account's key unless told otherwise. */
function pairing({ signer = account, signed = Buffer.from(device.public), deviceType = E2EE, prefix = WA_ADV_ACCOUNT_SIG_PREFIX, spoil = (signature: Buffer): Buffer => signature } = {}): BinaryNode {
  const details = proto.ADVDeviceIdentity.encode({ rawId: 1, timestamp: 1_700_000_000, keyIndex: 1, deviceType }).finish()
  const accountSignature = spoil(Buffer.from(Curve.sign(signer.private, Buffer.concat([prefix, details, signed]))))
  const identity = proto.ADVSignedDeviceIdentity.encode({ details, accountSignatureKey: account.public, accountSignature }).finish()
  const content = proto.ADVSignedDeviceIdentityHMAC.encode({ details: identity, hmac: Buffer.alloc(32) }).finish()
  return { tag: 'iq', attrs: {}, content: [{ tag: 'pair-success', attrs: {}, content: [{ tag: 'device-identity', attrs: {}, content: Buffer.from(content) }] }] }
}

describe('isSigned', () => {
  it('takes what the account signed for this device, an account of a business host included', () => {
    expect(isSigned(pairing(), device.public)).toBe(true)
    expect(isSigned(pairing({ deviceType: HOSTED, prefix: WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX }), device.public)).toBe(true)
  })

  it.each([
    ['another key signed', pairing({ signer: Curve.generateKeyPair() })],
    ['another device was signed', pairing({ signed: Buffer.from(Curve.generateKeyPair().public) })],
    ['the signature is random', pairing({ spoil: () => randomBytes(64) })],
    ['the signature is too short', pairing({ spoil: (signature) => signature.subarray(0, 63) })],
    ['there is none', pairing({ spoil: () => Buffer.alloc(0) })],
    ['it was signed as a hosted one', pairing({ prefix: WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX })],
    ['there is no identity', { tag: 'iq', attrs: {}, content: [] } satisfies BinaryNode],
  ])('refuses when %s', (_, stanza) => {
    expect(isSigned(stanza, device.public)).toBe(false)
  })
})

it('a forged pairing never reaches Baileys', () => {
  const ws = new EventEmitter()
  const reached: BinaryNode[] = []
  ws.on('CB:iq,,pair-success', (stanza: BinaryNode) => void reached.push(stanza))
  checkAccountSignature({ ws, authState: { creds: { signedIdentityKey: device } } } as unknown as WASocket)
  expect(() => ws.emit('CB:iq,,pair-success', pairing({ signer: Curve.generateKeyPair() }))).toThrow('not valid')
  expect(reached).toEqual([])
  const good = pairing()
  ws.emit('CB:iq,,pair-success', good)
  expect(reached).toEqual([good])
})
