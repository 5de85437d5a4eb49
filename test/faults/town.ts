import type { FarSimulator } from './simulator.ts'

/** A group and who is in it, by phone. */
export interface Circle {
  readonly id: string
  readonly members: readonly string[]
}

/** Who writes with whom: sessions of one gateway that share contacts and groups. */
export interface Town {
  /** Session id by the phone of its account. */
  readonly sessions: ReadonlyMap<string, string>
  readonly contacts: readonly string[]
  readonly groups: readonly Circle[]
}

const PHONE = 15_551_000_000
const RECEIPTS = ['read', 'delivered', 'none', 'delivered'] as const

/** Accounts for so many sessions. */
export const phoneOf = (session: number): string => String(PHONE + session)

/** Settles contacts whose phones never send again what could not be read, half of them behind LIDs, and two groups. The sessions must be linked. */
export async function settleTown(simulator: FarSimulator, sessionIds: readonly string[], contactCount: number): Promise<Town> {
  const sessions = new Map(sessionIds.map((id, place) => [phoneOf(place), id]))
  const contacts = Array.from({ length: contactCount }, (_, place) => String(PHONE + 500 + place))
  for (const [place, phone] of contacts.entries()) {
    const autoReceipts = RECEIPTS[place % RECEIPTS.length] ?? 'read'
    await simulator.addContact({ phone, name: `Contact ${place}`, addressing: place % 2 === 0 ? 'lid' : 'pn', answersRetries: false, autoReceipts })
  }
  const owners = [...sessions.keys()]
  const circles = [
    [contacts[0], ...owners, contacts[1], contacts[2]],
    [contacts[3], ...owners.slice(0, 1), contacts[1]],
  ].map((members) => members.filter((phone) => phone !== undefined))
  const groups: Circle[] = []
  for (const [place, members] of circles.entries()) {
    const { id } = await simulator.createGroup({ subject: `Circle ${place}`, participants: members })
    groups.push({ id, members })
  }
  return { sessions, contacts, groups }
}
