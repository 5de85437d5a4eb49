import { isDeepStrictEqual } from 'node:util'
import { lidJid, phoneJid } from '../../jid.ts'
import { contactId, mergedContacts, type Person } from '../rules/contacts.ts'
import type { ContactRow } from '../store.ts'
import { renameChat } from './chats.ts'
import type { Writes } from './commit.ts'
import type { Draft } from './draft.ts'
import type { Keys } from './keys.ts'
import { renameInMessages } from './message-writes.ts'
import { renameInOutbox } from './outbox.ts'
import type { Source } from './source.ts'

const toPerson = (text: string | null | undefined): Person | null => (text === null || text === undefined ? null : (JSON.parse(text) as Person))

const jidsOf = ({ phone, lid }: Person): string[] => [...(phone === null ? [] : [phoneJid(phone)]), ...(lid === null ? [] : [lidJid(lid)])]

/** Reads of stored contacts. */
export function contactReads(source: Source, keys: Keys) {
  return {
    async get(sessionId: string, ids: readonly string[]): Promise<Map<string, ContactRow>> {
      const found = await source.fields(keys.session(sessionId).contacts, ids)
      return new Map(ids.flatMap((id, place) => {
        const person = toPerson(found[place])
        return person === null ? [] : [[id, { id: contactId(person.phone, person.lid), ...person }]]
      }))
    },
  }
}

/** Writes of contacts. */
export const contactWrites: Writes<'contact.merge'> = {
  async 'contact.merge'({ draft }, change) {
    const { phone, lid, event, moved } = change
    if (phone === null && lid === null) return
    const { contacts } = draft.keys
    const byPhone = phone === null ? null : toPerson(await draft.field(contacts, phoneJid(phone)))
    const named = lid === null ? null : toPerson(await draft.field(contacts, lidJid(lid)))
    const byLid = byPhone !== null && byPhone.lid === lid ? null : named
    const { person, rest } = mergedContacts(change, byPhone, byLid)
    const before = byPhone ?? (rest === null ? byLid : null)
    for (const jid of [byPhone, byLid].flatMap((stored) => (stored === null ? [] : jidsOf(stored)))) draft.drop(contacts, jid)
    for (const stored of rest === null ? [person] : [person, rest]) for (const jid of jidsOf(stored)) draft.put(contacts, jid, JSON.stringify(stored))
    if (!isDeepStrictEqual(before, person) || (rest === null && byLid !== null && byLid !== before)) draft.append(event)
    if (phone !== null && lid !== null && (await rename(draft, lidJid(lid), phoneJid(phone)))) draft.append(moved)
  },
}

/** True when a chat went under another id. */
async function rename(draft: Draft, from: string, to: string): Promise<boolean> {
  const isMoved = await renameChat(draft, from, to)
  await renameInOutbox(draft, from, to)
  await renameInMessages(draft, from, to)
  return isMoved
}
