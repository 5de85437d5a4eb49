import { Refusal } from '../refusal.ts'
import { playPresence, showChatState } from '../stanza/presence.ts'
import { node } from '../stanza/node.ts'
import { unlinkCompanion } from '../unlink.ts'
import { phoneDigits } from '../wire/jid.ts'
import type { Account, Person } from '../world/accounts.ts'
import type { World } from '../world/world.ts'

/** A scripted contact as the manifest shows it. */
export type ContactView = Pick<Account, 'phone' | 'lid' | 'name' | 'addressing' | 'registered' | 'autoReceipts' | 'answersRetries'>

/** A linked device as the manifest shows it. */
export type DeviceView = {
  id: number
  name: string
  platform: string
  /** RFC 3339. */
  linkedAt: string
  online: boolean
  /** How many stanzas wait for it or have not been acked. */
  pending: number
}

/** An account as the manifest shows it. */
export type AccountView = { phone: string; lid: string; name: string; devices: DeviceView[] }

/** What a person does without writing. */
export type PresenceState = 'available' | 'unavailable' | 'composing' | 'recording' | 'paused'

/** Somebody of this phone, made at once when nobody knows it yet. */
export const personOf = (world: World, phone: string): Account => {
  const digits = phoneDigits(phone)
  if (digits === '') throw new Refusal('BAD_REQUEST', 'a phone needs digits')
  return world.accounts.byPhone(digits) ?? world.accounts.ensure({ phone: digits })
}

/** Shows a contact. */
export const contactView = ({ phone, lid, name, addressing, registered, autoReceipts, answersRetries }: Account): ContactView => ({
  phone, lid, name, addressing, registered, autoReceipts, answersRetries,
})

/** Makes a contact or updates the one of this phone. */
export const addContact = (world: World, person: Person): ContactView => {
  if (phoneDigits(person.phone) === '') throw new Refusal('BAD_REQUEST', 'a phone needs digits')
  const account = world.accounts.ensure(person)
  world.storage.flush()
  return contactView(account)
}

/** Shows an account and its linked devices. */
export const accountView = (world: World, { phone, lid, name, companions }: Account): AccountView => ({
  phone,
  lid,
  name,
  devices: companions.map((companion) => ({
    id: companion.id,
    name: companion.name,
    platform: companion.platform,
    linkedAt: new Date(companion.linkedAt).toISOString(),
    online: world.connections.has(companion.key),
    pending: world.delivery.pending(companion.key).length,
  })),
})

/** A person comes, goes, types or records; typing needs somebody to type to. */
export const showPresence = (world: World, phone: string, state: PresenceState, to?: string): void => {
  const person = personOf(world, phone)
  if (state === 'available' || state === 'unavailable') return playPresence(world, person, state === 'available')
  if (to === undefined) throw new Refusal('BAD_REQUEST', 'typing needs somebody to type to')
  const tag = state === 'paused' ? 'paused' : 'composing'
  showChatState(world, person, to, node(tag, state === 'recording' ? { media: 'audio' } : {}))
}

/** The phone's owner takes a linked device off the account; all of them without a number. */
export const unlink = (world: World, phone: string, device?: number): number => {
  const account = world.accounts.byPhone(phoneDigits(phone))
  const gone = account?.companions.filter(({ id }) => device === undefined || id === device) ?? []
  if (!account || gone.length === 0) throw new Refusal('NOT_FOUND', 'no such device is linked')
  for (const companion of gone) unlinkCompanion(world, account, companion)
  world.storage.flush()
  return gone.length
}
