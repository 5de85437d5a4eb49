import { parseJid } from '../wire/jid.ts'
import type { Account, Addressing, Device } from '../world/accounts.ts'
import type { World } from '../world/world.ts'
import type { StanzaHandler } from './index.ts'
import { messageAck } from './message-ack.ts'
import { child, children, node, now, type BinaryNode } from './node.ts'

/** A device and whose it is. */
type Endpoint = { account: Account; device: Device }

/** A message on its way from one device to another, whoever made its ciphertext. */
export type DirectMessage = {
  id: string
  type: string
  from: Endpoint
  to: Endpoint
  /** The other side of the chat, when the receiver is the sender's own device. */
  chat: Account
  /** The form of address the chat is written in, for copies to the sender's own devices. */
  chatForm: Addressing
  content: BinaryNode[]
  attrs?: Record<string, string | undefined> | undefined
}

const address = (world: World, account: Account, form: Addressing, device = 0): string =>
  form === 'lid' ? world.accounts.lidOf(account, device) : world.accounts.pn(account, device)

/** The form a device gets its messages in: an older client's own, else what the writer prefers. */
const formFor = (world: World, to: Device, preferred: Addressing): Addressing =>
  world.connections.get(to.key)?.addressing === 'pn' ? 'pn' : preferred

/** Queues a one-to-one message for one device. */
export const deliverDirect = (world: World, message: DirectMessage): void => {
  const { from, to, chat, id, type } = message
  const isOwn = from.account === to.account
  const form = formFor(world, to.device, isOwn ? message.chatForm : from.account.addressing)
  const other = form === 'lid' ? 'pn' : 'lid'
  const alternative = address(world, isOwn ? chat : from.account, other)
  const attrs = {
    from: address(world, from.account, form, from.device.id),
    ...(isOwn
      ? { recipient: address(world, chat, form), [`peer_recipient_${other}`]: alternative }
      : { [`sender_${other}`]: alternative }),
    addressing_mode: form,
    id,
    t: now(),
    type,
    notify: from.account.name,
    ...message.attrs,
  }
  world.delivery.deliver(to.device, node('message', attrs, message.content))
}

/** What of a client's message goes on to its receivers as it is. */
const carried = (stanza: BinaryNode): BinaryNode[] => [...children(stanza, 'device-identity'), ...children(stanza, 'meta')]

/** A message to a person: to the devices its client encrypted it for, and no others. */
export const takeDirectMessage: StanzaHandler = ({ world, account, device }, stanza) => {
  const { id, to, type = 'text', category, edit, recipient } = stanza.attrs
  if (!id || !to) return messageAck(stanza, '400')
  const from = { account, device }
  const single = child(stanza, 'enc')

  if (category === 'peer') {
    const attrs = { from: world.accounts.pn(account, device.id), to: world.accounts.pn(account), id, t: now(), type, category }
    if (single) world.delivery.deliver(account.phoneDevice, node('message', attrs, [single]))
    return messageAck(stanza)
  }

  const chat = world.accounts.byJid(recipient ?? to)
  if (!chat) return messageAck(stanza)
  const chatForm = parseJid(recipient ?? to)?.server === 'lid' ? 'lid' : 'pn'
  world.forms.note(account, chat, chatForm)
  const targets = single
    ? [{ jid: to, enc: [single] }]
    : children(child(stanza, 'participants'), 'to').map((target) => ({ jid: target.attrs['jid'], enc: children(target, 'enc') }))
  for (const target of targets) {
    const found = world.accounts.deviceByJid(target.jid)
    if (!found || (found.account !== chat && found.account !== account) || found.device === device) continue
    if (chat.blocked.includes(account.lid) && found.account === chat) continue
    deliverDirect(world, { id, type, from, to: found, chat, chatForm, content: [...target.enc, ...carried(stanza)], attrs: { edit } })
  }
  return messageAck(stanza)
}
