import type { Account, Companion } from '../world/accounts.ts'
import type { AppStateCollection } from '../world/app-state.ts'
import type { World } from '../world/world.ts'
import { SERVER } from '../stanza/node.ts'
import type { AppAction } from './app-state.ts'
import { collectionNews } from './app-state.ts'
import { notify } from './phones.ts'

/** Tells the account's companions, but for the writer, that a collection has moved on. */
export const announceCollection = (world: World, account: Account, name: AppStateCollection, version: number, except?: Companion): void => {
  for (const companion of account.companions) {
    if (companion !== except) notify(world, companion, { type: 'server_sync', from: SERVER }, collectionNews(name, version))
  }
}

const chatOf = (world: World, jid: string): string => {
  const person = world.accounts.byJid(jid)
  return person ? world.accounts.lidOf(person) : jid
}

/** What the phone does upon a companion's change: it follows a new push name, notes what was read, and its other companions hear of it. */
export const absorbActions = (
  world: World,
  account: Account,
  writer: Companion,
  name: AppStateCollection,
  written: { version: number; actions: readonly AppAction[] },
): void => {
  announceCollection(world, account, name, written.version, writer)
  for (const { index, value } of written.actions) {
    if (value.markChatAsReadAction?.read) world.archive.markRead(account.lid, chatOf(world, index[1] ?? ''))
    const pushName = value.pushNameSetting?.name
    if (pushName) {
      account.name = pushName
      world.accounts.save(account)
    }
  }
}
