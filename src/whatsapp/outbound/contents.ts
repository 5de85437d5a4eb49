import type { proto } from '@whiskeysockets/baileys'
import type { SendContacts, SendEvent, SendGroupInvite, SendLocation, SendMessage, SendPoll } from '../../../schemas/send-message.ts'
import { toVcard } from './vcard.ts'

/** How long an invitation holds where nobody says: as long as one that a phone sends. */
const INVITED_MS = 3 * 24 * 60 * 60 * 1000

const secondsOf = (time: string): number => Math.floor(Date.parse(time) / 1000)

const toLocation = ({ latitude, longitude, name, address, url }: SendLocation): proto.IMessage => ({
  locationMessage: { degreesLatitude: latitude, degreesLongitude: longitude, ...(name !== undefined && { name }), ...(address !== undefined && { address }), ...(url !== undefined && { url }) },
})

function toContacts({ contacts }: SendContacts): proto.IMessage {
  const cards = contacts.map((card) => ({ displayName: card.name, vcard: toVcard(card) }))
  const [first] = cards
  return cards.length === 1 && first !== undefined ? { contactMessage: first } : { contactsArrayMessage: { displayName: `${cards.length} contacts`, contacts: cards } }
}

/** Polls with one choice are of the third version, others of the first, as Baileys makes them (lib/Utils/messages.js, generateWAMessageContent). */
function toPoll({ question, options, selectableCount = 1 }: SendPoll): proto.IMessage {
  const poll = { name: question, options: options.map((optionName) => ({ optionName })), selectableOptionsCount: selectableCount }
  return selectableCount === 1 ? { pollCreationMessageV3: poll } : { pollCreationMessage: poll }
}

const toEvent = ({ name, description, startsAt, endsAt, place }: SendEvent): proto.IMessage => ({
  eventMessage: {
    name, startTime: secondsOf(startsAt), isCanceled: false, ...(description !== undefined && { description }), ...(endsAt !== undefined && { endTime: secondsOf(endsAt) }), ...(place !== undefined && { location: { name: place } }),
  },
})

const toGroupInvite = ({ groupId, code, name, expiresAt, text }: SendGroupInvite, nowMs: number): proto.IMessage => ({
  groupInviteMessage: { groupJid: groupId, inviteCode: code, groupName: name, inviteExpiration: Math.floor((expiresAt === undefined ? nowMs + INVITED_MS : Date.parse(expiresAt)) / 1000), ...(text !== undefined && { caption: text }) },
})

/** What each type of message is on the wire, without what every message has. */
export function toWire(message: SendMessage, nowMs: number): proto.IMessage {
  switch (message.type) {
    case 'text':
      return { extendedTextMessage: { text: message.text } }
    case 'location':
      return toLocation(message)
    case 'contacts':
      return toContacts(message)
    case 'poll':
      return toPoll(message)
    case 'event':
      return toEvent(message)
    case 'groupInvite':
      return toGroupInvite(message, nowMs)
  }
}
