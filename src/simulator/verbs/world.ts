import { strikeConnection } from '../disconnects.ts'
import type { Fault, FaultKind, FaultRequest } from '../faults.ts'
import type { UnknownStanza } from '../world/unknown.ts'
import type { World } from '../world/world.ts'
import { unlinkCompanion } from '../unlink.ts'
import { phoneDigits } from '../wire/jid.ts'
import { groupView, type GroupView } from './groups.ts'
import { accountView, contactView, type AccountView, type ContactView } from './people.ts'

/** What lives in a world now. */
export type WorldView = {
  accounts: AccountView[]
  contacts: ContactView[]
  groups: GroupView[]
  unknownStanzas: UnknownStanza[]
}

/** A fault as it is shown; `left` is null when it strikes until it is cleared. */
export type FaultView = Omit<Fault, 'left'> & { left: number | null }

/** Shows what lives in the world. */
export const worldView = (world: World): WorldView => {
  const people = world.accounts.list()
  return {
    accounts: people.filter(({ isOwner }) => isOwner).map((account) => accountView(world, account)),
    contacts: people.filter(({ isOwner }) => !isOwner).map(contactView),
    groups: world.groups.list().map((group) => groupView(world, group)),
    unknownStanzas: world.unknown.list(),
  }
}

/** Shows a fault. */
export const faultView = (fault: Fault): FaultView => ({ ...fault, left: Number.isFinite(fault.left) ? fault.left : null })

/** Faults that strike before anybody knows whose request it is: they are meant for every account. */
const NAMELESS = new Set<FaultKind>(['httpError', 'mediaGone'])

/** Arms a fault; one that ends or spoils sockets strikes the live ones at once. */
export const addFault = (world: World, request: FaultRequest): FaultView => {
  const isNameless = NAMELESS.has(request.kind)
  const account = request.account === undefined || isNameless ? undefined : phoneDigits(request.account)
  const fault = world.faults.add({ ...request, account })
  for (const connection of world.connections.values()) if (connection.isActive) strikeConnection(world, connection)
  return faultView(fault)
}

/** What a reset keeps: the server's own identity, as clients were told its root key. */
const KEPT = ['authority']

/** Forgets everybody and everything; linked clients are told that they are not linked any more. */
export const resetWorld = (world: World): void => {
  for (const connection of world.connections.values()) {
    unlinkCompanion(world, connection.account, connection.device)
  }
  world.connections.clear()
  world.storage.clear(KEPT)
  world.delivery.clear()
  world.mailboxes.forget()
  world.archive.forget()
  world.media.clear()
  world.presences.clear()
  world.calls.clear()
  world.faults.clear()
  world.unknown.clear()
}
