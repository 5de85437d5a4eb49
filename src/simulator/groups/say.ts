import { proto } from '@whiskeysockets/baileys'
import { encNode, makeMessageId } from '../phone/phones.ts'
import { editAttribute, stanzaType } from '../phone/stanza-type.ts'
import { deliverToMember, memberDevices } from '../stanza/group-message.ts'
import { groupJid } from '../wire/jid.ts'
import type { Account } from '../world/accounts.ts'
import { nowSeconds } from '../world/groups.ts'
import type { Group } from '../world/groups.ts'
import type { World } from '../world/world.ts'
import { refusalFor } from './rules.ts'
import type { GroupRefusal } from './rules.ts'

/** Devices that hold a phone's present sender key of a group. */
type Shared = { devices: string[] }

/** Writes to a group from a person's phone; a device that lacks the sender key gets it in the same stanza. */
export const sayInGroup = async (
  world: World,
  writer: Account,
  group: Group,
  content: proto.IMessage,
  id: string = makeMessageId(),
): Promise<GroupRefusal | string> => {
  const refusal = refusalFor(group, writer.lid, 'write')
  if (refusal) return refusal
  const chat = groupJid(group.id)
  const phone = writer.phoneDevice
  const signal = world.signals.of(phone)
  const shares = world.storage.collection<Shared>('sender-key-shares')
  const shareKey = `${phone.key}/${chat}`
  const devices = memberDevices(world, group, phone)
  const present = new Set(devices.map(({ key }) => key))
  let holders = new Set(shares.get(shareKey)?.devices)
  // Whoever left must not read what comes: a new key for those who stay.
  if ([...holders].some((key) => !present.has(key))) {
    signal.rotateSenderKey(chat)
    holders = new Set()
  }
  const { enc, distribution } = await signal.encryptGroup(chat, content)
  world.mailboxes.keepSent(writer, {
    id, chat, content: Buffer.from(proto.Message.encode(content).finish()), timestamp: nowSeconds(), receipts: {},
  })
  if (writer.isOwner) world.archive.record(writer.lid, chat, { id, fromMe: true, sender: writer.lid, at: nowSeconds(), content })
  for (const device of devices) {
    // A device without keys (a phone that was never asked for any) cannot be written to; the others are.
    const share = holders.has(device.key) ? [] : [encNode(await signal.encryptFor(device, distribution))]
    deliverToMember(world, {
      chat, id, type: stanzaType(content), from: { account: writer, device: phone }, to: device,
      content: [...share, encNode(enc)], attrs: { edit: editAttribute(content) },
    })
  }
  shares.set(shareKey, { devices: [...present] })
  return id
}
