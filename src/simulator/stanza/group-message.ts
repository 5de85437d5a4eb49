import { refusalFor } from '../groups/rules.ts'
import { groupJid } from '../wire/jid.ts'
import type { Account, Device } from '../world/accounts.ts'
import type { Group } from '../world/groups.ts'
import type { World } from '../world/world.ts'
import { groupEnvelope } from './group-envelope.ts'
import type { StanzaContext, StanzaHandler } from './index.ts'
import { messageAck } from './message-ack.ts'
import { child, children, node, now, type BinaryNode } from './node.ts'

/** Where a person's stories go to. */
export const STATUS_JID = 'status@broadcast'

/** A message on its way from one device to one device of a group (or of the readers of a story). */
export type GroupDelivery = {
  /** The group's address, or `status@broadcast`. */
  chat: string
  id: string
  type: string
  from: { account: Account; device: Device }
  to: Device
  content: BinaryNode[]
  attrs?: Record<string, string | undefined> | undefined
}

/** Queues a group message for one device, its writer named in the form that device understands. */
export const deliverToMember = (world: World, { chat, id, type, from, to, content, attrs }: GroupDelivery): void => {
  world.delivery.deliver(to, node('message', { ...groupEnvelope(world, chat, from, to), id, t: now(), type, ...attrs }, content))
}

/** The devices of all members but the writing one. */
export const memberDevices = (world: World, group: Group, except: Device): Device[] =>
  [...group.members.keys()].flatMap((lid) => {
    const account = world.accounts.byLid(lid)
    return account === undefined ? [] : world.accounts.devices(account)
  }).filter((device) => device.key !== except.key)

/** Ciphertexts made for single devices (sender keys, mostly), by device. */
const ownShares = (world: World, stanza: BinaryNode): Map<string, BinaryNode[]> => {
  const shares = new Map<string, BinaryNode[]>()
  for (const target of children(child(stanza, 'participants'), 'to')) {
    const found = world.accounts.deviceByJid(target.attrs['jid'])
    if (found) shares.set(found.device.key, children(target, 'enc'))
  }
  return shares
}

/** What of a client's message goes on to everybody. */
const shared = (stanza: BinaryNode): BinaryNode[] =>
  children(stanza).filter(({ tag }) => tag === 'enc' || tag === 'device-identity' || tag === 'meta')

const carriedAttrs = ({ attrs }: BinaryNode): Record<string, string | undefined> => ({ edit: attrs['edit'] })

const resendToOne = ({ world, account, device }: StanzaContext, stanza: BinaryNode, chat: string, target: string): BinaryNode => {
  const found = world.accounts.deviceByJid(target)
  const { id = '', type = 'text' } = stanza.attrs
  if (found) deliverToMember(world, { chat, id, type, from: { account, device }, to: found.device, content: shared(stanza), attrs: carriedAttrs(stanza) })
  return messageAck(stanza)
}

/** A message to a group: the same ciphertext to every device of every member, each with what was made for it alone. */
export const takeGroupMessage: StanzaHandler = (context, stanza) => {
  const { world, account, device } = context
  const { id, to, type = 'text', participant } = stanza.attrs
  const group = world.groups.get(to)
  if (!id) return messageAck(stanza, '400')
  if (group === undefined) return messageAck(stanza, '404')
  const refusal = refusalFor(group, account.lid, 'write')
  if (refusal) return messageAck(stanza, String(refusal.code))
  const chat = groupJid(group.id)
  if (participant !== undefined) return resendToOne(context, stanza, chat, participant)
  const shares = ownShares(world, stanza)
  for (const target of memberDevices(world, group, device)) {
    deliverToMember(world, {
      chat, id, type, from: { account, device }, to: target, attrs: carriedAttrs(stanza),
      content: [...(shares.get(target.key) ?? []), ...shared(stanza)],
    })
  }
  return messageAck(stanza)
}

/** A story: to the devices its writer chose, and no others. */
export const takeBroadcast: StanzaHandler = (context, stanza) => {
  const { world, account, device } = context
  const { id, to, type = 'text', participant } = stanza.attrs
  if (!id || to !== STATUS_JID) return messageAck(stanza, '400')
  if (participant !== undefined) return resendToOne(context, stanza, STATUS_JID, participant)
  for (const target of children(child(stanza, 'participants'), 'to')) {
    const found = world.accounts.deviceByJid(target.attrs['jid'])
    if (!found || found.device.key === device.key || found.account.blocked.includes(account.lid)) continue
    deliverToMember(world, {
      chat: STATUS_JID, id, type, from: { account, device }, to: found.device, attrs: carriedAttrs(stanza),
      content: [...children(target, 'enc'), ...shared(stanza)],
    })
  }
  return messageAck(stanza)
}
