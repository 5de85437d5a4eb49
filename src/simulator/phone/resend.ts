import { proto } from '@whiskeysockets/baileys'
import { readBundle } from '../signal/bundle.ts'
import { deliverDirect } from '../stanza/direct-message.ts'
import { child, type BinaryNode } from '../stanza/node.ts'
import { deliverToMember } from '../stanza/group-message.ts'
import { stanzaType } from './stanza-type.ts'
import type { Account, Device } from '../world/accounts.ts'
import type { World } from '../world/world.ts'
import { parseJid } from '../wire/jid.ts'
import { encNode } from './phones.ts'

const MAX_RESENDS = 5

/** Answers a device that could not read what this phone wrote: the same id again, on a new session. */
export const resend = async (
  world: World,
  owner: Account,
  asker: { account: Account; device: Device },
  receipt: BinaryNode,
): Promise<void> => {
  const id = receipt.attrs['id'] ?? ''
  const count = Number(child(receipt, 'retry')?.attrs['count'] ?? 1)
  const sent = world.mailboxes.sent(owner, id)
  if (!owner.answersRetries || !sent || count > MAX_RESENDS) return
  const signal = world.signals.of(owner.phoneDevice)
  await signal.renew(asker.device, readBundle(receipt))
  const content = proto.Message.decode(sent.content)
  const type = stanzaType(content)
  const from = { account: owner, device: owner.phoneDevice }
  if (parseJid(sent.chat)?.server === 'g.us') {
    const enc = await signal.encryptFor(asker.device, Object.assign(content, await signal.senderKey(sent.chat)))
    deliverToMember(world, { chat: sent.chat, id, type, from, to: asker.device, content: [encNode(enc, { count: String(count) })] })
    return
  }
  const chat = world.accounts.byJid(sent.chat)
  if (!chat) return
  const copy = asker.account === owner ? { deviceSentMessage: { destinationJid: world.accounts.pn(chat), message: content } } : content
  const enc = await signal.encryptFor(asker.device, copy)
  const chatForm = world.forms.of(owner, chat) ?? 'lid'
  deliverDirect(world, { id, type, from, to: asker, chat, chatForm, content: [encNode(enc, { count: String(count) })] })
}
