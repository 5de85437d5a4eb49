import type { ChatModification } from '@whiskeysockets/baileys'
import type { AppAction } from '../phone/app-state.ts'
import { wireChat } from '../phone/history-payload.ts'
import { Refusal } from '../refusal.ts'
import { parseJid, phoneDigits } from '../wire/jid.ts'
import type { Account } from '../world/accounts.ts'
import type { World } from '../world/world.ts'
import { personOf } from './people.ts'

/** What a phone's owner does to a chat in the list; what is left out stays. */
export type ChatChange = {
  /** A phone, somebody's address or a group. */
  chat: string
  archived?: boolean | undefined
  pinned?: boolean | undefined
  /** Milliseconds since 1970, or null to unmute. */
  mutedUntil?: number | null | undefined
  read?: boolean | undefined
  /** The name in the owner's address book. */
  contactName?: string | undefined
  deleted?: true | undefined
}

/** A synchronised setting as it was written, with when it came into its collection. */
export type SettingView = Pick<AppAction, 'collection' | 'version' | 'index'> & { value: Record<string, unknown> }

const ownerOf = (world: World, phone: string): Account => {
  const account = world.accounts.byPhone(phoneDigits(phone))
  if (!account) throw new Refusal('NOT_FOUND', 'nobody has this phone')
  return account
}

const modificationsOf = (world: World, owner: Account, chat: string, jid: string, change: ChatChange): ChatModification[] => {
  const newest = world.archive.newest(owner.lid, chat)
  const participant = chat.endsWith('@g.us') && newest && !newest.fromMe ? `${newest.sender}@lid` : undefined
  const lastMessages = newest
    ? [{ key: { remoteJid: jid, id: newest.id, fromMe: newest.fromMe, ...(participant !== undefined && { participant }) }, messageTimestamp: newest.at }]
    : []
  const { archived, pinned, mutedUntil, read, contactName, deleted } = change
  return [
    ...(archived === undefined ? [] : [{ archive: archived, lastMessages }]),
    ...(pinned === undefined ? [] : [{ pin: pinned }]),
    ...(mutedUntil === undefined ? [] : [{ mute: mutedUntil }]),
    ...(read === undefined ? [] : [{ markRead: read, lastMessages }]),
    ...(contactName === undefined ? [] : [{ contact: { fullName: contactName, firstName: contactName.split(' ')[0] ?? contactName, saveOnPrimaryAddressbook: true } }]),
    ...(deleted === undefined ? [] : [{ delete: true as const, lastMessages }]),
  ]
}

/** A phone's owner changes a chat in the list; linked clients hear of it. */
export const changeChat = async (world: World, phone: string, change: ChatChange): Promise<void> => {
  const owner = ownerOf(world, phone)
  const isGroup = parseJid(change.chat)?.server === 'g.us'
  if (isGroup && !world.groups.get(change.chat)) throw new Refusal('NOT_FOUND', 'there is no such group')
  const chat = isGroup ? change.chat : world.accounts.lidOf(world.accounts.byJid(change.chat) ?? personOf(world, change.chat))
  const jid = wireChat(world, chat).id
  for (const modification of modificationsOf(world, owner, chat, jid, change)) await world.appState.modify(owner, modification, jid)
  if (change.read === true) world.archive.markRead(owner.lid, chat)
  world.storage.flush()
}

/** What clients and the phone wrote into an account's synchronised settings, in order within each collection. */
export const settingsOf = async (world: World, phone: string): Promise<SettingView[]> =>
  (await world.appState.actions(ownerOf(world, phone))).map(({ collection, version, index, value }) => {
    // Through JSON, as 64-bit numbers and enums are objects of protobufjs.
    const plain: unknown = JSON.parse(JSON.stringify(value))
    return { collection, version, index, value: typeof plain === 'object' && plain !== null ? { ...plain } : {} }
  })
