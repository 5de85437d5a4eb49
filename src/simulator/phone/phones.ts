import { randomBytes } from 'node:crypto'
import type { proto } from '@whiskeysockets/baileys'
import { node, now, type BinaryNode } from '../stanza/node.ts'
import type { Account, Companion, Device } from '../world/accounts.ts'
import type { World } from '../world/world.ts'
import type { Enc } from '../signal/device.ts'

const ID_BYTES = 9

/** A message id as an official client makes them. */
export const makeMessageId = (): string => `3A${randomBytes(ID_BYTES).toString('hex').toUpperCase()}`

/** An id for a stanza the server itself starts. */
export const makeStanzaId = (): string => `${randomBytes(4).readUInt32BE(0)}-${randomBytes(2).readUInt16BE(0)}`

/** `<enc>` for one ciphertext. */
export const encNode = (enc: Enc, attrs: Record<string, string | undefined> = {}): BinaryNode =>
  node('enc', { v: '2', type: enc.type, ...attrs }, enc.content)

/** Sends a peer message (key share, history notice, answer to a request) from the phone to one companion of its account; answers its id. */
export const sendPeer = async (
  world: World,
  account: Account,
  companion: Companion,
  message: proto.IMessage,
): Promise<string> => {
  const id = makeMessageId()
  const enc = await world.signals.of(account.phoneDevice).encryptFor(companion, message)
  const stanza = node(
    'message',
    {
      from: world.accounts.pn(account),
      to: world.accounts.pn(account, companion.id),
      id,
      t: now(),
      type: 'text',
      category: 'peer',
      notify: account.name,
    },
    [encNode(enc)],
  )
  world.delivery.deliver(companion, stanza)
  return id
}

/** Sends a notification to one device, kept until it is acked. */
export const notify = (
  world: World,
  device: Device,
  attrs: { type: string; from: string; [name: string]: string | undefined },
  content: BinaryNode[],
): void => {
  world.delivery.deliver(device, node('notification', { id: makeStanzaId(), t: now(), ...attrs }, content))
}
