import { parseJid } from '../wire/jid.ts'
import type { Account, Addressing } from '../world/accounts.ts'
import type { World } from '../world/world.ts'
import type { StanzaHandler } from './index.ts'
import { children, node, now, type BinaryNode } from './node.ts'

/** The account's address as this device of somebody else knows it. */
const addressFor = (world: World, account: Account, form: Addressing): string =>
  form === 'pn' ? world.accounts.pn(account) : world.accounts.lidOf(account)

const presenceNode = (from: string, isOnline: boolean): BinaryNode =>
  isOnline ? node('presence', { from }) : node('presence', { from, type: 'unavailable', last: now() })

/** Tells everybody who subscribed to an account whether it is there. */
const spread = (world: World, account: Account, isOnline: boolean): void => {
  for (const [key, form] of world.presences.subscribers(account)) {
    const connection = world.connections.get(key)
    if (connection?.isActive) connection.send(presenceNode(addressFor(world, account, form), isOnline))
  }
}

const isOnline = (world: World, account: Account): boolean =>
  world.presences.isPlayedOnline(account) ||
  account.companions.some((companion) => world.connections.get(companion.key)?.isOnline === true)

/** A socket of the account went away; its subscribers learn it when it was the last one online. */
export const goneOffline = (world: World, account: Account): void => {
  if (!isOnline(world, account)) spread(world, account, false)
}

/** The account's person comes or goes on the phone itself. */
export const playPresence = (world: World, account: Account, online: boolean): void => {
  world.presences.play(account, online)
  spread(world, account, isOnline(world, account))
}

const showToPerson = (world: World, from: Account, to: Account, state: BinaryNode): void => {
  world.presences.noteState(to, from, state.tag)
  for (const companion of to.companions) {
    const connection = world.connections.get(companion.key)
    const form = connection?.addressing === 'pn' ? 'pn' : from.addressing
    if (connection?.isActive) connection.send(node('chatstate', { from: addressFor(world, from, form) }, [state]))
  }
}

const showToGroup = (world: World, from: Account, group: string, state: BinaryNode): void => {
  const members = world.groups.get(group)?.members
  if (!members?.has(from.lid)) return
  for (const lid of members.keys()) {
    for (const companion of lid === from.lid ? [] : (world.accounts.byLid(lid)?.companions ?? [])) {
      const connection = world.connections.get(companion.key)
      if (!connection?.isActive) continue
      const participant = addressFor(world, from, connection.addressing)
      connection.send(node('chatstate', { from: group, participant }, [state]))
    }
  }
}

/** Somebody types, records or stops: shown live to a person or to a group's members, never kept. */
export const showChatState = (world: World, from: Account, to: string, state: BinaryNode): void => {
  if (parseJid(to)?.server === 'g.us') return showToGroup(world, from, to, state)
  const target = world.accounts.byJid(to) ?? world.accounts.byPhone(to)
  if (target) showToPerson(world, from, target, state)
}

/** `<presence>`: one's own, or a subscription to somebody else's. */
export const takePresence: StanzaHandler = ({ world, connection, account, device }, stanza) => {
  const { type, to } = stanza.attrs
  if (type === 'subscribe') {
    const target = world.accounts.byJid(to)
    if (!target) return undefined
    world.presences.subscribe(target, device, parseJid(to)?.server === 'lid' ? 'lid' : 'pn')
    const from = addressFor(world, target, parseJid(to)?.server === 'lid' ? 'lid' : 'pn')
    if (isOnline(world, target)) connection.send(presenceNode(from, true))
    return undefined
  }
  if (type === undefined && stanza.attrs['name'] === undefined) return undefined
  if (type === 'available' || type === 'unavailable') {
    const before = isOnline(world, account)
    connection.isOnline = type === 'available'
    const after = isOnline(world, account)
    if (before !== after) spread(world, account, after)
  }
  return undefined
}

/** `<chatstate>`: composing or paused, to a person or a group. */
export const takeChatState: StanzaHandler = ({ world, account }, stanza) => {
  const to = stanza.attrs['to']
  const state = children(stanza)[0]
  if (!to || !state) return undefined
  showChatState(world, account, to, state)
  return undefined
}
