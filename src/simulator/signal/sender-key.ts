import { createCipheriv } from 'node:crypto'
import { SenderKeyMessage, type SenderKeyName, type SenderKeyRecord } from '@whiskeysockets/baileys/lib/Signal/Group/index.js'

/** Where sender keys are kept. */
export type SenderKeyStore = {
  loadSenderKey(name: SenderKeyName): Promise<SenderKeyRecord>
  storeSenderKey(name: SenderKeyName, record: SenderKeyRecord): Promise<void>
}

/**
 * Encrypts to a group as a phone does, one step of the chain a message. Baileys takes two (lib/Signal/Group/group_cipher.js, encrypt),
 * so that whoever reads it keeps a skipped key for each message, up to 2,000: a burden that no phone gives.
 */
export async function encryptToGroup(store: SenderKeyStore, name: SenderKeyName, plaintext: Uint8Array): Promise<Buffer> {
  const record = await store.loadSenderKey(name)
  const state = record.getSenderKeyState()
  if (!state) throw new Error('there is no sender key yet')
  const chain = state.getSenderChainKey()
  const key = chain.getSenderMessageKey()
  const cipher = createCipheriv('aes-256-cbc', key.getCipherKey(), key.getIv())
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  state.setSenderChainKey(chain.getNext())
  await store.storeSenderKey(name, record)
  return Buffer.from(new SenderKeyMessage(state.getKeyId(), key.getIteration(), ciphertext, state.getSigningKeyPrivate()).serialize())
}
