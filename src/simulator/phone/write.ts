import { proto } from '@whiskeysockets/baileys'
import { refusalFor } from '../groups/rules.ts'
import { Refusal } from '../refusal.ts'
import { deliverDirect } from '../stanza/direct-message.ts'
import { deliverToMember, memberDevices } from '../stanza/group-message.ts'
import { groupJid, parseJid } from '../wire/jid.ts'
import type { Account, Device } from '../world/accounts.ts'
import type { Group } from '../world/groups.ts'
import type { World } from '../world/world.ts'
import { encNode, makeMessageId } from './phones.ts'
import { editAttribute, stanzaType } from './stanza-type.ts'

/** What a person writes from the phone: to a person or a group. */
export type Writing = { to: string; content: proto.IMessage; id?: string | undefined }

type Outgoing = { id: string; type: string; attrs: { edit: string | undefined } }

const writeDirect = async (world: World, writer: Account, reader: Account, content: proto.IMessage, out: Outgoing): Promise<void> => {
  const signal = world.signals.of(writer.phoneDevice)
  const from = { account: writer, device: writer.phoneDevice }
  const chatForm = world.forms.of(writer, reader) ?? 'lid'
  const deliver = async (to: { account: Account; device: Device }, made: proto.IMessage): Promise<void> => {
    const enc = await signal.encryptFor(to.device, made)
    deliverDirect(world, { ...out, from, to, chat: reader, chatForm, content: [encNode(enc)] })
  }
  const copy = { deviceSentMessage: { destinationJid: world.accounts.pn(reader), message: content } }
  for (const device of writer.companions) await deliver({ account: writer, device }, copy)
  if (reader === writer || reader.blocked.includes(writer.lid)) return
  for (const device of world.accounts.devices(reader)) await deliver({ account: reader, device }, content)
}

/** The group a person may write in now; refused with the reason otherwise. */
const writableGroup = (world: World, writer: Account, jid: string): Group => {
  const group = world.groups.get(jid)
  if (!group) throw new Refusal('NOT_FOUND', 'there is no such group')
  if (refusalFor(group, writer.lid, 'write')) {
    throw new Refusal('BAD_REQUEST', group.members.has(writer.lid) ? 'only admins write in that group' : 'the writer is not in that group')
  }
  return group
}

const writeToGroup = async (world: World, writer: Account, group: Group, content: proto.IMessage, out: Outgoing): Promise<void> => {
  const signal = world.signals.of(writer.phoneDevice)
  const from = { account: writer, device: writer.phoneDevice }
  const chat = groupJid(group.id)
  const devices = memberDevices(world, group, writer.phoneDevice)
  const present = new Set(devices.map(({ key }) => key))
  // Whoever left must not read what comes: a new key for those who stay.
  if (world.groupKeys.holders(writer, chat).some((key) => !present.has(key))) {
    signal.rotateSenderKey(chat)
    world.groupKeys.forget(writer, chat)
  }
  const { enc, distribution } = await signal.encryptGroup(chat, content)
  for (const to of devices) {
    const share = world.groupKeys.isKnown(writer, chat, to) ? [] : [encNode(await signal.encryptFor(to, distribution))]
    deliverToMember(world, { ...out, chat, from, to, content: [...share, encNode(enc)] })
    world.groupKeys.note(writer, chat, to)
  }
}

/** Writes as a person, from the phone; answers the message's id. It reaches the readers' devices and the writer's own. */
export const writeFromPhone = async (world: World, writer: Account, writing: Writing): Promise<string> => {
  const { to, content } = writing
  const id = writing.id ?? makeMessageId()
  const group = parseJid(to)?.server === 'g.us' ? writableGroup(world, writer, to) : undefined
  const reader = group ? undefined : (world.accounts.byJid(to) ?? world.accounts.ensure({ phone: to }))
  const out = { id, type: stanzaType(content), attrs: { edit: editAttribute(content) } }
  const timestamp = Math.floor(Date.now() / 1000)
  const chat = reader ? world.accounts.pn(reader) : to
  world.mailboxes.keepSent(writer, { id, chat, content: Buffer.from(proto.Message.encode(content).finish()), timestamp, receipts: {} })
  if (writer.isOwner) {
    const place = reader ? world.accounts.lidOf(reader) : to
    world.archive.record(writer.lid, place, { id, fromMe: true, sender: writer.lid, at: timestamp, content })
  }
  if (group) await writeToGroup(world, writer, group, content, out)
  else if (reader) await writeDirect(world, writer, reader, content, out)
  world.storage.flush()
  return id
}
