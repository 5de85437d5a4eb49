import type { DomainEventOf } from '../../events/domain.ts'
import { isLid, isPerson, lidOf, normalizeJid, parsePhone, phoneJid, phoneOf } from '../../jid.ts'
import type { ContactRow } from '../../store/store.ts'
import type { Directory, Own } from './directory.ts'

type ContactUpdated = DomainEventOf<'contact.updated'>
type Names = ContactUpdated['fields']

const LID_USER = /^\d{1,20}$/

/** The pair (LID, phone) that two addresses of one person make, whichever comes first; null when they are no such pair or mix the account with somebody else. */
export function pairOf(one: string | null | undefined, other: string | null | undefined, own: Own): { readonly lid: string; readonly phone: string } | null {
  const first = normalizeJid(one)
  const second = normalizeJid(other)
  if (first === null || second === null) return null
  const [lidForm, phoneForm] = isLid(first) ? [first, second] : [second, first]
  const lid = lidOf(lidForm)
  const phone = parsePhone(phoneOf(phoneForm) ?? '')
  if (lid === null || phone === null || !LID_USER.test(lid)) return null
  const mine = Number(lid === own.lid) + Number(phone === own.phone)
  if (mine === 1) return null
  return { lid, phone }
}

/** Gathers what one event tells of persons, one entry a person, so that it comes out before what refers to them. */
export interface People {
  /** Two addresses of one person. */
  pair(one: string | null | undefined, other: string | null | undefined): void
  /** Names of the person at a canonical id; groups and the account itself are passed over. */
  names(id: string, names: Names): void
  /** Every pair so far: LID -> phone. */
  readonly pairs: ReadonlyMap<string, string>
  /** What has to be told: pairs the directory did not know and names. */
  events(): ContactUpdated[]
}

/** An empty gathering. */
export function gatherPeople(directory: Directory): People {
  const pairs = new Map<string, string>()
  const names = new Map<string, Names>()
  return {
    pairs,
    pair(one, other) {
      if (!other || !one) return
      const pair = pairOf(one, other, directory.own)
      if (pair !== null) pairs.set(pair.lid, pair.phone)
    },
    names(id, given) {
      if (!isPerson(id) || Object.keys(given).length === 0) return
      names.set(id, { ...names.get(id), ...given })
    },
    events: () => toEvents(pairs, names, directory),
  }
}

function toEvents(pairs: ReadonlyMap<string, string>, names: ReadonlyMap<string, Names>, directory: Directory): ContactUpdated[] {
  const events: ContactUpdated[] = []
  const told = new Set<string>()
  for (const [lid, phone] of pairs) {
    const id = phoneJid(phone)
    const known = directory.contact(id)
    const fields = told.has(id) ? {} : news(names.get(id), known)
    told.add(id)
    if (known?.lid !== lid || hasAny(fields)) events.push({ type: 'contact.updated', phone, lid, fields })
  }
  for (const [id, given] of names) {
    if (told.has(id)) continue
    const fields = news(given, directory.contact(id))
    if (hasAny(fields)) events.push({ type: 'contact.updated', phone: phoneOf(id), lid: lidOf(id), fields })
  }
  return events
}

const hasAny = (fields: Names): boolean => Object.keys(fields).length > 0

/** The names that are not the stored ones. */
function news(given: Names | undefined, known: ContactRow | null): Names {
  if (!given || known === null) return given ?? {}
  return {
    ...(given.name === undefined || given.name === known.name ? {} : { name: given.name }),
    ...(given.shortName === undefined || given.shortName === known.shortName ? {} : { shortName: given.shortName }),
    ...(given.pushName === undefined || given.pushName === known.pushName ? {} : { pushName: given.pushName }),
    ...(given.verifiedName === undefined || given.verifiedName === known.verifiedName ? {} : { verifiedName: given.verifiedName }),
  }
}
