import { createCipheriv } from 'node:crypto'
import { SenderKeyMessage, SenderKeyName, SenderKeyRecord } from '@whiskeysockets/baileys/lib/Signal/Group/index.js'
import { ProtocolAddress } from 'libsignal'
import type { KeyLayer } from './key-layer.ts'

/**
 * Encrypts to a group with the sender key that is stored, one step of its chain a message. Baileys takes two (lib/Signal/Group/group_cipher.js,
 * encrypt), so that it and whoever reads it keep a skipped key for each message, up to 2,000: 200 kB to read and write with every further one.
 * `address` is our own, as `user.device`. To be called in a transaction, once there is a key.
 */
export async function encryptToGroup(layer: KeyLayer, group: string, address: string, plaintext: Uint8Array): Promise<Uint8Array> {
  const dot = address.lastIndexOf('.')
  const name = new SenderKeyName(group, new ProtocolAddress(address.slice(0, dot), Number(address.slice(dot + 1)))).toString()
  const stored = (await layer.keys.get('sender-key', [name]))[name]
  const record = stored === undefined ? new SenderKeyRecord() : SenderKeyRecord.deserialize(stored)
  const state = record.getSenderKeyState()
  if (!state) throw new Error('there is no sender key to encrypt with')
  const chain = state.getSenderChainKey()
  const key = chain.getSenderMessageKey()
  const cipher = createCipheriv('aes-256-cbc', key.getCipherKey(), key.getIv())
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  state.setSenderChainKey(chain.getNext())
  // Nobody decrypts what we wrote ourselves with this key: what an older version skipped is never asked for.
  state.getStructure().senderMessageKeys = []
  await layer.keys.set({ 'sender-key': { [name]: Buffer.from(JSON.stringify(record.serialize())) } })
  return new SenderKeyMessage(state.getKeyId(), key.getIteration(), ciphertext, state.getSigningKeyPrivate()).serialize()
}
