import { lidJid, phoneJid } from '../../jid.ts'
import type { Change, ContactRow } from '../store.ts'

/** The change that tells something about a person. */
export type ContactMerge = Extract<Change, { kind: 'contact.merge' }>

/** A contact without the id that follows from its phone and LID. */
export type Person = Omit<ContactRow, 'id'>

/** The id a contact is listed under: the phone's when it is known. */
export const contactId = (phone: string | null, lid: string | null): string => (phone === null ? lidJid(lid ?? '') : phoneJid(phone))

/** What becomes of the rows a merge met. */
export interface MergedContacts {
  /** The person's row as it should stand; it takes the place of `byPhone`, or of `byLid` where that is taken up into it. */
  readonly person: Person
  /** What is left of `byLid`: null when it is taken up into the person's row. */
  readonly rest: Person | null
}

/**
 * The rows after a merge, from the one stored under the change's phone and the one under its LID (null when absent, or when it is the same row).
 * A row that held the LID under another phone keeps that phone and its names, and loses the LID.
 */
export function mergedContacts({ phone, lid, fields }: ContactMerge, byPhone: Person | null, byLid: Person | null): MergedContacts {
  const stays = byLid !== null && byLid.phone !== null && phone !== null && byLid.phone !== phone
  const taken = stays ? null : byLid
  const person: Person = {
    phone: phone ?? taken?.phone ?? null,
    lid: lid ?? byPhone?.lid ?? null,
    name: byPhone?.name ?? taken?.name ?? null,
    shortName: byPhone?.shortName ?? taken?.shortName ?? null,
    pushName: byPhone?.pushName ?? taken?.pushName ?? null,
    verifiedName: byPhone?.verifiedName ?? taken?.verifiedName ?? null,
    ...given(fields),
  }
  return { person, rest: stays ? { ...byLid, lid: null } : null }
}

/** The fields that are given: one that is `undefined` changes nothing. */
export const given = <Fields extends object>(fields: Fields): Fields =>
  Object.values(fields).includes(undefined) ? (Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields) : fields
