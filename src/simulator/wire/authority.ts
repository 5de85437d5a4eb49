import { Curve, proto } from '@whiskeysockets/baileys'
import type { KeyPair } from '../world/accounts.ts'
import type { Storage } from '../world/storage.ts'

/** The server's identity: a root of its own, and the certificate chain that leads to its noise key. */
export type Authority = {
  /** Public key of the root that signs the chain, 32 bytes: what a client must trust instead of WhatsApp's. */
  rootKey: Buffer
  /** The server's static noise pair. */
  staticPair: KeyPair
  /** The chain as the handshake carries it. */
  chain: Buffer
}

/** The serial clients expect of the issuer. */
const ROOT_SERIAL = 0
const INTERMEDIATE_SERIAL = 1
const LEAF_SERIAL = 2
const YEAR_SECONDS = 365 * 24 * 3600

const pair = (): KeyPair => {
  const made = Curve.generateKeyPair()
  return { public: Buffer.from(made.public), private: Buffer.from(made.private) }
}

/** Opens the authority kept in storage; a new world gets a new one. */
export const openAuthority = (storage: Storage): Authority => {
  const rows = storage.collection<Authority>('authority')
  const known = rows.get('authority')
  if (known) return known
  const [root, intermediate, staticPair] = [pair(), pair(), pair()]
  const notBefore = Math.floor(Date.now() / 1000)
  const validity = { notBefore, notAfter: notBefore + YEAR_SECONDS }
  const { Details } = proto.CertChain.NoiseCertificate
  const intermediateDetails = Details.encode({
    serial: INTERMEDIATE_SERIAL, issuerSerial: ROOT_SERIAL, key: intermediate.public, ...validity,
  }).finish()
  const leafDetails = Details.encode({
    serial: LEAF_SERIAL, issuerSerial: INTERMEDIATE_SERIAL, key: staticPair.public, ...validity,
  }).finish()
  const chain = proto.CertChain.encode({
    intermediate: { details: intermediateDetails, signature: Curve.sign(root.private, intermediateDetails) },
    leaf: { details: leafDetails, signature: Curve.sign(intermediate.private, leafDetails) },
  }).finish()
  const authority = { rootKey: root.public, staticPair, chain: Buffer.from(chain) }
  rows.set('authority', authority)
  return authority
}
