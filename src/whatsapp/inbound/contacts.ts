import type { BaileysEventMap, Contact } from '@whiskeysockets/baileys'
import { isGroup, isPerson } from '../../jid.ts'
import type { People } from './people.ts'
import type { Scope } from './scope.ts'
import { toCount, toFilledText, toSeconds } from './values.ts'

/** Takes the pairs that contacts teach. */
export function learnContacts(contacts: readonly Partial<Contact>[], people: People): void {
  for (const { id, lid, phoneNumber } of contacts) {
    people.pair(id, lid)
    people.pair(id, phoneNumber)
    people.pair(lid, phoneNumber)
  }
}

/** People of the address book, of a history, or whose name or picture changed. */
export function convertContacts(contacts: readonly Partial<Contact>[], scope: Scope): void {
  for (const contact of contacts) {
    const id = scope.directory.canonical(contact.phoneNumber ?? contact.id ?? '')
    if (id === '') continue
    const name = toFilledText(contact.name)
    const pushName = toFilledText(contact.notify)
    const verifiedName = toFilledText(contact.verifiedName)
    scope.people.names(id, {
      ...(name === null ? {} : { name }),
      ...(pushName === null ? {} : { pushName }),
      ...(verifiedName === null ? {} : { verifiedName }),
    })
    const picture = contact.imgUrl
    if (picture !== undefined && (isPerson(id) || isGroup(id))) scope.emit({ type: 'contact.picture_changed', id, removed: picture === null || picture === 'removed' })
  }
}

/** The whole list of blocked people. */
export function convertBlocklist({ blocklist }: BaileysEventMap['blocklist.set'], scope: Scope): void {
  scope.emit({ type: 'blocklist.replaced', persons: toPersons(blocklist, scope) })
}

/** People blocked, or no longer. */
export function convertBlocklistUpdate({ blocklist, type }: BaileysEventMap['blocklist.update'], scope: Scope): void {
  scope.emit({ type: 'blocklist.updated', persons: toPersons(blocklist, scope), blocked: type === 'add' })
}

const toPersons = (jids: readonly string[], scope: Scope): readonly string[] => jids.map((jid) => scope.directory.canonical(jid)).filter((id) => id !== '')

/** Who is there, and what they are doing in the chat. */
export function convertPresence({ id, presences }: BaileysEventMap['presence.update'], scope: Scope): void {
  const chatId = scope.directory.canonical(id)
  if (chatId === '') return
  for (const [jid, { lastKnownPresence, lastSeen, groupOnlineCount }] of Object.entries(presences)) {
    const participant = scope.directory.canonical(jid)
    if (participant === '') continue
    scope.emit({ type: 'presence.updated', chatId, participant, presence: lastKnownPresence, lastSeenAt: toSeconds(lastSeen), onlineCount: toCount(groupOnlineCount) })
  }
}
