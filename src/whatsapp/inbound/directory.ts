import { isLid, lidOf, normalizeJid, phoneJid, phoneOf } from '../../jid.ts'
import type { MessageType } from '../../../schemas/message.ts'
import type { ChatRow, ContactRow, GroupRow, MessageKey } from '../../store/store.ts'

/** What an address is made of, whatever its server. */
const ADDRESS = /^[\w.+-]{1,100}@[a-z.]{1,40}$/

/** The account's own addresses: digits of the phone and the user part of the LID. */
export interface Own {
  readonly phone: string | null
  readonly lid: string | null
}

/** What is known of persons and chats while one event is converted: synchronous, for the batch at hand. */
export interface Directory {
  readonly own: Own
  /** The one id of an address: `<phone>@s.whatsapp.net` when the phone is known, else `<lid>@lid`; groups and channels as they are; '' for no address. */
  canonical(jid: string): string
  /** The person as stored, or null; by either form of the id. */
  contact(id: string): ContactRow | null
  /** The group as it is stored, or null. */
  group(id: string): GroupRow | null
  /** The chat as it is stored, or null. */
  chat(id: string): ChatRow | null
  /** Who wrote the stored message with this id ('' for ours), or null without one. */
  senderOf(chatId: string, messageId: string): string | null
  /** The kind of the stored message under exactly this key, or null without one: what is stored was told already. */
  typeOf(key: MessageKey): MessageType | null
}

/** What has to be loaded before an event is converted. */
export interface Needs {
  /** `<lid>@lid` whose phone is not known, and people whose names the event tells: by either form of the id. */
  readonly contacts: ReadonlySet<string>
  readonly groups: ReadonlySet<string>
  readonly chats: ReadonlySet<string>
  /** Messages of which the event does not tell the sender. */
  readonly messages: readonly { readonly chatId: string; readonly id: string }[]
  /** Messages that may be stored already. */
  readonly keys: readonly MessageKey[]
}

/** Persons by the id that was asked for. */
export type People = Pick<ReadonlyMap<string, ContactRow>, 'get'>

/** What was loaded; anything left out counts as unknown. */
export interface Loaded {
  /** By the id that was asked for. */
  readonly contacts?: People
  readonly groups?: ReadonlyMap<string, GroupRow>
  readonly chats?: ReadonlyMap<string, ChatRow>
  /** `<chatId> <messageId>` -> sender. */
  readonly senders?: ReadonlyMap<string, string>
  /** {@link keyText} -> kind. */
  readonly types?: ReadonlyMap<string, MessageType>
}

/** A key as one text. */
export const keyText = ({ chatId, id, sender }: MessageKey): string => `${chatId} ${sender} ${id}`

/** A directory over what was loaded. */
export function directoryOf(own: Own, loaded: Loaded = {}): Directory {
  return {
    own,
    canonical: (jid) => canonicalIn(jid, own, loaded.contacts),
    contact: (id) => loaded.contacts?.get(id) ?? null,
    group: (id) => loaded.groups?.get(id) ?? null,
    chat: (id) => loaded.chats?.get(id) ?? null,
    senderOf: (chatId, messageId) => loaded.senders?.get(`${chatId} ${messageId}`) ?? null,
    typeOf: (key) => loaded.types?.get(keyText(key)) ?? null,
  }
}

/** A directory for one conversion: it also knows the pairs (LID -> phone) that the event teaches, and answers the same question only once. */
export function withPairs(directory: Directory, pairs: ReadonlyMap<string, string>): Directory {
  const answers = new Map<string, string>()
  const answer = (jid: string): string => {
    const normal = pairs.size === 0 ? null : normalizeJid(jid)
    const phone = normal !== null && isLid(normal) ? pairs.get(lidOf(normal) ?? '') : undefined
    return phone === undefined ? directory.canonical(jid) : phoneJid(phone)
  }
  return {
    own: directory.own,
    canonical(jid) {
      const known = answers.get(jid)
      if (known !== undefined) return known
      const id = answer(jid)
      answers.set(jid, id)
      return id
    },
    contact: (id) => directory.contact(id),
    group: (id) => directory.group(id),
    chat: (id) => directory.chat(id),
    senderOf: (chatId, messageId) => directory.senderOf(chatId, messageId),
    typeOf: (key) => directory.typeOf(key),
  }
}

/** True for an address of the account itself, in either form. */
export function isOwn(jid: string, own: Own): boolean {
  const phone = phoneOf(jid)
  if (phone !== null) return phone === own.phone
  const lid = lidOf(jid)
  return lid !== null && lid === own.lid
}

function canonicalIn(jid: string, own: Own, contacts: People | undefined): string {
  const normal = normalizeJid(jid)
  if (normal === null || !ADDRESS.test(normal)) return ''
  if (!isLid(normal)) return normal
  const phone = own.phone !== null && lidOf(normal) === own.lid ? own.phone : (contacts?.get(normal)?.phone ?? null)
  return phone === null ? normal : phoneJid(phone)
}
