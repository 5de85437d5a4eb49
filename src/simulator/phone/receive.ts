import { proto } from '@whiskeysockets/baileys'
import type { Pending } from '../delivery.ts'
import { parseJid } from '../wire/jid.ts'
import { relayReceipt, relayRetry } from '../stanza/receipt.ts'
import { bytes, child, children, node, now, type BinaryNode } from '../stanza/node.ts'
import type { Account } from '../world/accounts.ts'
import { describe } from '../world/description.ts'
import type { World } from '../world/world.ts'
import type { Enc } from '../signal/device.ts'
import { answerPeerRequest } from './peer-requests.ts'
import { resend } from './resend.ts'

/** How often a phone asks again for a message it cannot read, as official clients do. */
const MAX_RETRIES = 5

const encsOf = (stanza: BinaryNode): Enc[] =>
  children(stanza, 'enc').flatMap((enc) => {
    const { type } = enc.attrs
    const content = bytes(enc)
    return content && (type === 'pkmsg' || type === 'msg' || type === 'skmsg') ? [{ type, content }] : []
  })

const isGroupChat = (jid: string): boolean => ['g.us', 'broadcast'].includes(parseJid(jid)?.server ?? '')

/** The chat as mailboxes name it: the other person's number, or the group. */
const chatOf = (world: World, owner: Account, stanza: BinaryNode, sender: Account): string => {
  const { from = '', recipient } = stanza.attrs
  if (isGroupChat(from)) return from
  if (sender !== owner) return world.accounts.pn(sender)
  const other = world.accounts.byJid(recipient)
  return other ? world.accounts.pn(other) : world.accounts.pn(owner)
}

const askAgain = (world: World, owner: Account, stanza: BinaryNode, count: number): void => {
  const { id, from = '', participant, t, recipient } = stanza.attrs
  if (count > MAX_RETRIES || !id) return
  const { registrationId } = world.signals.of(owner.phoneDevice).keys()
  const registration = Buffer.alloc(4)
  registration.writeUInt32BE(registrationId)
  const receipt = node('receipt', { id, to: from, participant, recipient, type: 'retry' }, [
    node('retry', { count: String(count), id, t: t ?? now(), v: '1' }),
    node('registration', {}, registration),
  ])
  relayRetry(world, { account: owner, device: owner.phoneDevice }, receipt)
}

const answer = (world: World, owner: Account, stanza: BinaryNode): void => {
  const { id, from = '', participant } = stanza.attrs
  if (!id || owner.autoReceipts === 'none') return
  const receipt = { ids: [id], to: from, participant }
  relayReceipt(world, owner, owner.phoneDevice, receipt)
  if (owner.autoReceipts === 'read') relayReceipt(world, owner, owner.phoneDevice, { ...receipt, type: 'read' })
}

const archive = (world: World, owner: Account, sender: Account, stanza: BinaryNode, content: proto.IMessage): void => {
  const { id = '', from = '', recipient, t } = stanza.attrs
  const other = sender === owner ? world.accounts.byJid(recipient) ?? owner : sender
  const chat = isGroupChat(from) ? from : world.accounts.lidOf(other)
  world.archive.record(owner.lid, chat, { id, fromMe: sender === owner, sender: sender.lid, at: Number(t ?? now()), content })
}

const receiveMessage = async (world: World, owner: Account, pending: Pending): Promise<void> => {
  const { stanza } = pending
  const { from = '', participant, id = '', t, category } = stanza.attrs
  const sender = world.accounts.senderByJid(participant ?? from)
  if (!sender) return
  const chat = chatOf(world, owner, stanza, sender.account)
  const fromMe = sender.account === owner
  let request: proto.IMessage | undefined

  const settle = (content: proto.IMessage): void => {
    world.delivery.forget(pending)
    if (category === 'peer') {
      request = content
      return
    }
    const inner = content.deviceSentMessage?.message ?? content
    const described = describe(inner)
    if (described.type !== 'senderKey') {
      const bare = Buffer.from(proto.Message.encode(inner).finish())
      const place = { id, chat, from: sender.account.phone, fromMe, timestamp: Number(t ?? now()) }
      world.mailboxes.receive(owner, { ...place, ...described, content: bare })
      if (owner.isOwner) archive(world, owner, sender.account, stanza, inner)
    }
    if (!fromMe) answer(world, owner, stanza)
  }

  try {
    await world.signals.of(owner.phoneDevice).decrypt(sender.device, encsOf(stanza), isGroupChat(from) ? from : undefined, settle)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown'
    world.logger.info({ phone: owner.phone, id, reason }, 'a phone could not decrypt a message')
    return askAgain(world, owner, stanza, world.mailboxes.missed(owner, chat, sender.account.phone, id))
  }
  const companion = owner.companions.find(({ id: number }) => number === sender.device.id)
  if (request && companion) await answerPeerRequest(world, owner, companion, id, request)
}

const receiveReceipt = async (world: World, owner: Account, stanza: BinaryNode): Promise<void> => {
  const { type, id, from, participant } = stanza.attrs
  const found = world.accounts.deviceByJid(participant ?? from)
  if (!found || !id) return
  if (type === 'retry') return resend(world, owner, found, stanza)
  const kind = type === 'read' || type === 'played' ? type : 'delivered'
  const ids = [id, ...children(child(stanza, 'list'), 'item').flatMap((item) => item.attrs['id'] ?? [])]
  for (const each of ids) world.mailboxes.noteReceipt(owner, each, found.account, kind)
}

/** What a phone (device 0, played by the simulator) does with one stanza of its queue. */
export const receiveOnPhone = async (world: World, owner: Account, pending: Pending): Promise<void> => {
  if (pending.stanza.tag === 'message') await receiveMessage(world, owner, pending)
  else if (pending.stanza.tag === 'receipt') await receiveReceipt(world, owner, pending.stanza)
}
