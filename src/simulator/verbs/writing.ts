import { proto } from '@whiskeysockets/baileys'
import { toContent, type QuotedMessage, type Speech } from '../contents.ts'
import { writeFromPhone } from '../phone/write.ts'
import { Refusal } from '../refusal.ts'
import { relayReceipt } from '../stanza/receipt.ts'
import { parseJid, phoneDigits } from '../wire/jid.ts'
import type { Account } from '../world/accounts.ts'
import type { ReceivedMessage } from '../world/mailboxes.ts'
import type { World } from '../world/world.ts'
import { personOf } from './people.ts'

/** A message's id. */
export type Written = { id: string }

/** A message as a phone received it, once for all its copies. */
export type MessageView = Omit<ReceivedMessage, 'content'>

/** The same with what it says: WhatsApp's protobuf as JSON, bytes in base64. */
export type WholeMessage = MessageView & { content: proto.IMessage }

/** What a person says and to whom: a phone, an account's address or a group. */
export type Saying = Speech & { to: string; id?: string | undefined }

const { REVOKE, MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type

const chatAddress = (world: World, to: string): string =>
  parseJid(to)?.server === 'g.us' ? to : world.accounts.pn(world.accounts.byJid(to) ?? personOf(world, to))

/** A message that a person knows: one it wrote or one it received. */
export type Known = { id: string; chat: string; author: Account; fromMe: boolean; content: proto.IMessage }

/** Finds a message that a person wrote or received; refused when the phone has no such. */
export const known = (world: World, person: Account, id: string): Known => {
  const sent = world.mailboxes.sent(person, id)
  if (sent) return { id, chat: sent.chat, author: person, fromMe: true, content: proto.Message.decode(sent.content) }
  const got = world.mailboxes.find(person, id)
  const author = got && world.accounts.byPhone(got.from)
  if (!got || !author) throw new Refusal('NOT_FOUND', 'that phone neither wrote nor received this message')
  return { id, chat: got.chat, author, fromMe: got.fromMe, content: proto.Message.decode(got.content) }
}

/** How a person's message names another one. */
export const keyOf = (world: World, { id, chat, author, fromMe }: Known): proto.IMessageKey => ({
  remoteJid: chat,
  fromMe,
  id,
  ...(parseJid(chat)?.server === 'g.us' && { participant: world.accounts.lidOf(author) }),
})

const own = (message: Known): Known => {
  if (!message.fromMe) throw new Refusal('BAD_REQUEST', 'only its writer can do that')
  return message
}

/** A person writes from the phone. */
export const say = async (world: World, phone: string, saying: Saying): Promise<Written> => {
  const person = personOf(world, phone)
  const quoted: QuotedMessage | undefined = saying.quoted === undefined ? undefined : known(world, person, saying.quoted)
  const content = await toContent(world, saying, quoted)
  return { id: await writeFromPhone(world, person, { to: chatAddress(world, saying.to), content, id: saying.id }) }
}

/** A person reacts to a message; an empty emoji takes the reaction back. */
export const react = async (world: World, phone: string, id: string, emoji: string): Promise<Written> => {
  const person = personOf(world, phone)
  const target = known(world, person, id)
  const content = { reactionMessage: { key: keyOf(world, target), text: emoji, senderTimestampMs: Date.now() } }
  return { id: await writeFromPhone(world, person, { to: target.chat, content }) }
}

/** A person changes the text of what it wrote. */
export const edit = async (world: World, phone: string, id: string, text: string): Promise<Written> => {
  const person = personOf(world, phone)
  const target = own(known(world, person, id))
  const protocolMessage = { type: MESSAGE_EDIT, key: keyOf(world, target), editedMessage: { conversation: text }, timestampMs: Date.now() }
  return { id: await writeFromPhone(world, person, { to: target.chat, content: { protocolMessage } }) }
}

/** A person deletes what it wrote for everybody. */
export const erase = async (world: World, phone: string, id: string): Promise<Written> => {
  const person = personOf(world, phone)
  const target = own(known(world, person, id))
  const protocolMessage = { type: REVOKE, key: keyOf(world, target) }
  return { id: await writeFromPhone(world, person, { to: target.chat, content: { protocolMessage } }) }
}

/** A person's phone tells a writer that messages were delivered, read or played. */
export const sendReceipt = (world: World, phone: string, ids: readonly string[], type: 'delivered' | 'read' | 'played'): void => {
  const person = personOf(world, phone)
  for (const id of ids) {
    const { chat, author } = known(world, person, id)
    const isGroup = parseJid(chat)?.server === 'g.us'
    relayReceipt(world, person, person.phoneDevice, {
      ids: [id],
      to: isGroup ? chat : world.accounts.lidOf(author),
      participant: isGroup ? world.accounts.lidOf(author) : undefined,
      type: type === 'delivered' ? undefined : type,
    })
  }
  world.storage.flush()
}

const ownerOf = (world: World, phone: string): Account => {
  const account = world.accounts.byPhone(phoneDigits(phone))
  if (!account) throw new Refusal('NOT_FOUND', 'nobody has this phone')
  return account
}

/** One message of a person's phone, whole. */
export const messageOf = (world: World, phone: string, id: string): WholeMessage => {
  const found = world.mailboxes.find(ownerOf(world, phone), id)
  if (!found) throw new Refusal('NOT_FOUND', 'this phone has no such message')
  return { ...found, content: proto.Message.toObject(proto.Message.decode(found.content), { bytes: String, longs: Number, enums: String }) }
}

/** All that a person's phone received and decrypted, in the order of arrival. */
export const messagesOf = (world: World, phone: string): MessageView[] => world.mailboxes.list(ownerOf(world, phone)).map(({ content: _content, ...view }) => view)
