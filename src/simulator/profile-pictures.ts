import { addressingOf } from './groups/notices.ts'
import { addressOf } from './groups/nodes.ts'
import { notify } from './phone/phones.ts'
import { node } from './stanza/node.ts'
import type { BinaryNode } from './stanza/node.ts'
import { groupJid } from './wire/jid.ts'
import type { Account, Addressing, Companion } from './world/accounts.ts'
import type { Group } from './world/groups.ts'
import type { World } from './world/world.ts'

/** Companions of everybody who knows a person: itself, whoever has a chat or a group with it. */
const acquaintances = (world: World, account: Account): Companion[] => {
  const groups = world.groups.of(account.lid)
  const chat = world.accounts.lidOf(account)
  return world.accounts.list()
    .filter((other) => other.companions.length > 0 && (
      other === account || groups.some((group) => group.members.has(other.lid)) || world.archive.chats(other.lid).includes(chat)))
    .flatMap((other) => other.companions)
}

const change = (id: string | undefined, author: string): BinaryNode =>
  id === undefined ? node('delete', { author }) : node('set', { id, author })

/** Changes a person's picture (or takes it away) and tells whoever knows the person. */
export const changePicture = async (world: World, account: Account, image: Uint8Array | undefined): Promise<string | undefined> => {
  if (image === undefined && !world.pictures.remove(account.lid)) return undefined
  const id = image && (await world.pictures.set(account.lid, image)).id
  for (const companion of acquaintances(world, account)) {
    const from = addressOf(world.accounts, account, addressingOf(world, companion))
    notify(world, companion, { type: 'picture', from }, [change(id, from)])
  }
  return id
}

/** Changes a group's picture (or takes it away) and tells its members. */
export const changeGroupPicture = async (world: World, group: Group, actor: Account, image: Uint8Array | undefined): Promise<string | undefined> => {
  if (image === undefined && !world.pictures.remove(group.id)) return undefined
  const id = image && (await world.pictures.set(group.id, image)).id
  const author = (addressing: Addressing): string => addressOf(world.accounts, actor, addressing)
  for (const lid of group.members.keys()) {
    for (const companion of world.accounts.byLid(lid)?.companions ?? []) {
      notify(world, companion, { type: 'picture', from: groupJid(group.id) }, [change(id, author(addressingOf(world, companion)))])
    }
  }
  return id
}
