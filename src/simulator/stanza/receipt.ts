import { parseJid } from '../wire/jid.ts'
import { uploadAgain } from '../phone/media-retry.ts'
import type { Account, Addressing, Device } from '../world/accounts.ts'
import type { World } from '../world/world.ts'
import type { StanzaContext, StanzaHandler } from './index.ts'
import { child, children, node, now, type BinaryNode } from './node.ts'

/** A receipt from one device about messages somebody else wrote. */
export type Receipt = {
  ids: string[]
  /** The chat: a person or a group. */
  to: string
  /** In a group, who wrote the messages. */
  participant?: string | undefined
  type?: string | undefined
}

/** Receipts that tell the writer something; undefined is "delivered". */
const TOLD = new Set([undefined, 'read', 'played'])
/** Receipts that say the device has the message. */
const SETTLING = new Set([undefined, 'inactive', 'sender', 'peer_msg', 'hist_sync', 'read', 'read-self', 'played', 'played-self'])

const address = (world: World, account: Account, form: Addressing, device = 0): string =>
  form === 'lid' ? world.accounts.lidOf(account, device) : world.accounts.pn(account, device)

const isGroup = (jid: string): boolean => ['g.us', 'broadcast'].includes(parseJid(jid)?.server ?? '')

const listOf = (ids: string[]): BinaryNode[] | undefined =>
  ids.length > 1 ? [node('list', {}, ids.slice(1).map((id) => node('item', { id })))] : undefined

/** Where a receipt comes from, as this device of the writer knows the reader. */
const sourceFor = (
  world: World,
  reader: { account: Account; deviceId: number },
  writer: Account,
  to: Device,
  receipt: Pick<Receipt, 'to' | 'participant'>,
): { from: string; participant?: string } => {
  const isOld = world.connections.get(to.key)?.addressing === 'pn'
  if (isGroup(receipt.to)) {
    const form = !isOld && parseJid(receipt.participant)?.server === 'lid' ? 'lid' : 'pn'
    return { from: receipt.to, participant: address(world, reader.account, form, reader.deviceId) }
  }
  const form = isOld ? 'pn' : (world.forms.of(writer, reader.account) ?? reader.account.addressing)
  return { from: address(world, reader.account, form, reader.deviceId) }
}

/** Brings a receipt to the writer's devices, and what was read to the reader's other devices. */
export const relayReceipt = (world: World, reader: Account, device: Device, receipt: Receipt): void => {
  const { ids, type } = receipt
  const [id] = ids
  const writer = world.accounts.byJid(receipt.participant ?? receipt.to)
  if (id === undefined || !writer) return
  if (TOLD.has(type) && writer !== reader) {
    const targets: Device[] = [...writer.companions]
    if (ids.some((each) => world.mailboxes.hasSent(writer, each))) targets.push(writer.phoneDevice)
    for (const target of targets) {
      const source = sourceFor(world, { account: reader, deviceId: 0 }, writer, target, receipt)
      world.delivery.deliver(target, node('receipt', { ...source, id, t: now(), type }, listOf(ids)))
    }
  }
  if (!type?.startsWith('read')) return
  world.archive.markRead(reader.lid, isGroup(receipt.to) ? receipt.to : world.accounts.lidOf(writer))
  for (const other of reader.companions) {
    if (other === device) continue
    const form = world.connections.get(other.key)?.addressing ?? 'lid'
    const chat = isGroup(receipt.to) ? receipt.to : address(world, writer, form)
    const participant = receipt.participant && address(world, writer, form)
    const attrs = { from: address(world, reader, form, device.id), recipient: chat, participant, id, t: now(), type }
    if (!isGroup(receipt.to)) world.delivery.deliver(other, node('receipt', attrs, listOf(ids)))
  }
}

/** Brings a retry request to the one device whose ciphertext could not be read. */
export const relayRetry = (world: World, asker: { account: Account; device: Device }, stanza: BinaryNode): void => {
  const { to = '', participant, id, recipient } = stanza.attrs
  const target = world.accounts.deviceByJid(participant ?? to)
  if (!target) return
  const reader = { account: asker.account, deviceId: asker.device.id }
  const source = sourceFor(world, reader, target.account, target.device, { to, participant })
  world.delivery.deliver(target.device, node('receipt', { ...source, id, recipient, type: 'retry', t: now() }, children(stanza)))
}

/** Receipt types that belong to somebody else's feature, by name. */
const special: Record<string, (context: StanzaContext, stanza: BinaryNode) => void | Promise<void>> = {
  retry: ({ world, account, device }, stanza) => relayRetry(world, { account, device }, stanza),
  'server-error': uploadAgain,
}

/** `<receipt>`: settles the device's queue, is acked, and goes on to whom it concerns. */
export const takeReceipt: StanzaHandler = async (context, stanza) => {
  const { world, account, device } = context
  const { id, participant, type, recipient } = stanza.attrs
  // A copy of one's own message is receipted without an address when nobody in it has a LID.
  const to = stanza.attrs['to'] ?? recipient
  if (!id || !to) return undefined
  const ids = [id, ...children(child(stanza, 'list'), 'item').flatMap((item) => item.attrs['id'] ?? [])]
  const ack = node('ack', { class: 'receipt', id, from: to, participant, type, t: now() })
  const handler = special[type ?? '']
  if (handler) {
    await handler(context, stanza)
    return ack
  }
  if (!SETTLING.has(type)) {
    world.unknown.report(`receipt ${type}`, stanza)
    return ack
  }
  for (const each of ids) world.delivery.acknowledge(device.key, { class: 'message', id: each, from: to, participant })
  relayReceipt(world, account, device, { ids, to, participant, type })
  return ack
}
