import type { BaileysEventMap } from '@whiskeysockets/baileys'
import type { DomainEvent } from '../../events/domain.ts'
import { convertCalls, convertCapping, convertLabel, convertLabelling, convertNewsletterParticipant, convertNewsletterReaction, convertNewsletterSettings, convertNewsletterView, convertSetting } from './account.ts'
import { learnKey } from './address.ts'
import { convertChatDeletes, convertChats, convertLock, learnChats } from './chats.ts'
import { convertBlocklist, convertBlocklistUpdate, convertContacts, convertPresence, learnContacts } from './contacts.ts'
import type { InboundContext } from './context.ts'
import { withPairs } from './directory.ts'
import { convertGroups, convertJoinRequest, convertMemberTag, learnGroups, learnParticipants } from './group-events.ts'
import { convertHistory, convertHistoryStatus, historySlices, HISTORY_SLICE, type History } from './history.ts'
import { convertMessages, learnMessages } from './messages.ts'
import { gatherPeople, type People } from './people.ts'
import { convertReceipts } from './receipts.ts'
import type { Scope } from './scope.ts'
import { convertDeletes, convertMediaUpdates, convertMessageUpdates, convertReactions } from './updates.ts'

export { historySlices, HISTORY_SLICE, type History } from './history.ts'
export type { InboundContext } from './context.ts'

/** The name of a Baileys event. */
export type BaileysEventName = keyof BaileysEventMap

interface Converter<E extends BaileysEventName> {
  /** Takes the pairs (LID, phone) that the event itself teaches, before anything is converted. */
  learn?(payload: BaileysEventMap[E], people: People): void
  convert(payload: BaileysEventMap[E], scope: Scope): void
}

const nothing = { convert: () => undefined }

/** Every event that this version of Baileys has: a new one fails to compile until it has its line here. */
const CONVERTERS: { readonly [E in BaileysEventName]: Converter<E> } = {
  // The connection's own.
  'connection.update': nothing,
  'creds.update': nothing,

  'messaging-history.set': { learn: learnHistory, convert: convertHistory },
  'messaging-history.status': { convert: convertHistoryStatus },

  'messages.upsert': { learn: ({ messages }, people) => learnMessages(messages, people), convert: convertMessages },
  'messages.update': { learn: (updates, people) => updates.forEach(({ key }) => learnKey(key, people)), convert: convertMessageUpdates },
  'messages.delete': { convert: convertDeletes },
  'messages.reaction': { learn: (reactions, people) => reactions.forEach(({ key, reaction }) => { learnKey(key, people); learnKey(reaction.key, people) }), convert: convertReactions },
  'messages.media-update': { convert: convertMediaUpdates },
  'message-receipt.update': { convert: convertReceipts },

  'chats.upsert': { learn: learnChats, convert: convertChats },
  'chats.update': { learn: learnChats, convert: convertChats },
  'chats.delete': { convert: convertChatDeletes },
  'chats.lock': { convert: convertLock },

  'contacts.upsert': { learn: learnContacts, convert: convertContacts },
  'contacts.update': { learn: learnContacts, convert: convertContacts },
  'lid-mapping.update': { learn: ({ lid, pn }, people) => people.pair(lid, pn), ...nothing },
  'presence.update': { convert: convertPresence },
  'blocklist.set': { convert: convertBlocklist },
  'blocklist.update': { convert: convertBlocklistUpdate },

  'groups.upsert': { learn: learnGroups, convert: convertGroups },
  'groups.update': { learn: learnGroups, convert: convertGroups },
  'group-participants.update': {
    learn: ({ author, authorPn, participants }, people) => { people.pair(author, authorPn); learnParticipants(participants, people) },
    // Told by the notice that it comes from.
    ...nothing,
  },
  'group.join-request': {
    learn: ({ author, authorPn, participant, participantPn }, people) => { people.pair(author, authorPn); people.pair(participant, participantPn) },
    convert: convertJoinRequest,
  },
  'group.member-tag.update': { learn: ({ participant, participantAlt }, people) => people.pair(participant, participantAlt), convert: convertMemberTag },

  call: { learn: (calls, people) => calls.forEach(({ from, callerPn }) => people.pair(from, callerPn)), convert: convertCalls },
  'labels.edit': { convert: convertLabel },
  'labels.association': { convert: convertLabelling },
  'settings.update': { convert: convertSetting },
  'message-capping.update': { convert: convertCapping },
  'newsletter.reaction': { convert: convertNewsletterReaction },
  'newsletter.view': { convert: convertNewsletterView },
  'newsletter-participants.update': { convert: convertNewsletterParticipant },
  'newsletter-settings.update': { convert: convertNewsletterSettings },
}

function learnHistory({ chats, contacts, messages, lidPnMappings }: History, people: People): void {
  for (const { lid, pn } of lidPnMappings ?? []) people.pair(lid, pn)
  learnChats(chats, people)
  learnContacts(contacts, people)
  learnMessages(messages, people)
}

/**
 * What a Baileys event tells, in order: first who is who, then the rest. Pure; never throws on what WhatsApp or a contact may send.
 * The context's directory has to know what `needsOf` names.
 */
export function toDomainEvents<E extends BaileysEventName>(name: E, payload: BaileysEventMap[E], context: InboundContext): DomainEvent[] {
  const people = gatherPeople(context.directory)
  const converter: Converter<E> = CONVERTERS[name]
  converter.learn?.(payload, people)
  return convertWith(people, context, (scope) => converter.convert(payload, scope))
}

/** A whole history in pieces of at most `size` rows, for one directory; who pauses between them lets others run. */
export function* historyEvents(history: History, context: InboundContext, size = HISTORY_SLICE): Generator<DomainEvent[]> {
  const people = gatherPeople(context.directory)
  learnHistory(history, people)
  const directory = withPairs(context.directory, people.pairs)
  yield people.events()
  for (const slice of historySlices(history, size)) yield toDomainEvents('messaging-history.set', slice, { ...context, directory })
}

function convertWith(people: People, context: InboundContext, convert: (scope: Scope) => void): DomainEvent[] {
  const events: DomainEvent[] = []
  const scope: Scope = { ...context, directory: withPairs(context.directory, people.pairs), people, groups: new Map(), emit: (event) => events.push(event) }
  convert(scope)
  const told = people.events()
  return told.length === 0 ? events : [...told, ...events]
}
