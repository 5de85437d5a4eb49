import type { BaileysEventMap } from '@whiskeysockets/baileys'
import type { DomainEvent } from '../events/domain.ts'
import { isLiveFact, type LiveFact } from '../events/logged.ts'
import { record, recordHistory } from '../events/record.ts'
import { lidJid, lidOf, phoneJid, phoneOf } from '../jid.ts'
import type { Change, MessageKey, Store } from '../store/store.ts'
import type { Own } from './inbound/directory.ts'
import { openAnswer } from './inbound/event-answer.ts'
import { historyEvents, type BaileysEventName, type InboundContext } from './inbound/index.ts'
import { convertKnown, lookUp, lookUpHistory } from './inbound/lookup.ts'
import type { SealedTo } from './inbound/sealed.ts'
import { openVote } from './inbound/vote.ts'

/** What is needed to put what Baileys tells into our own words. */
export interface TranslationParts {
  readonly sessionId: string
  readonly store: Store
  own(): Own
  /** The chat that a send of ours went to; null for a message that was not sent here, as far as is remembered. */
  sentTo(messageId: string): string | null
  /** Tells what only holds for the moment, which is written nowhere. */
  live(fact: LiveFact): void
}

/** Changes to write, and the groups of which only a change is known. */
export interface Translated {
  readonly changes: readonly Change[]
  readonly unknownGroups: readonly string[]
}

/** From Baileys' events to what is written of them. */
export interface Translation {
  of<E extends BaileysEventName>(name: E, payload: BaileysEventMap[E]): Promise<Translated>
  /** A history in pieces, so that others run in between. */
  ofHistory(history: BaileysEventMap['messaging-history.set']): AsyncGenerator<Translated>
  context<E extends BaileysEventName>(name: E, payload: BaileysEventMap[E]): Promise<InboundContext>
}

/** The translation of one session. */
export function translation({ sessionId, store, own, sentTo, live }: TranslationParts): Translation {
  const sentHere = (messageId: string): boolean => sentTo(messageId) !== null
  const context = async <E extends BaileysEventName>(name: E, payload: BaileysEventMap[E]): Promise<InboundContext> => ({
    directory: await lookUp(store, sessionId, own(), name, payload),
    nowMs: Date.now(),
    sentHere,
    encode: true,
  })

  /** A receipt may name the chat in a form that is not known yet; our own messages are found by their id. */
  async function settleKey(event: DomainEvent): Promise<DomainEvent> {
    // Where the two agree, no look-up waits for what was just enqueued of the message.
    if (event.type !== 'message.state' || sentTo(event.key.id) === event.key.chatId) return event
    const ours = await store.messages.own(sessionId, event.key.id)
    return ours ? { ...event, key: { chatId: ours.chatId, id: ours.id, sender: '' } } : event
  }

  /** Every address of a person, '' for the account itself. */
  async function addressesOf(id: string): Promise<readonly string[]> {
    const person = id === '' ? own() : ((await store.contacts.get(sessionId, [id])).get(id) ?? { phone: phoneOf(id), lid: lidOf(id) })
    return [...(person.lid === null ? [] : [lidJid(person.lid)]), ...(person.phone === null ? [] : [phoneJid(person.phone)])]
  }

  /** What was added to a message by somebody, with all that may open it; null when the message is not stored. */
  async function sealedTo(key: MessageKey, by: string): Promise<SealedTo | null> {
    const stored = (await store.messages.find(sessionId, key)) ?? (await store.messages.get(sessionId, key.chatId, key.id))
    return stored?.raw ? { message: stored.raw, id: key.id, creators: await addressesOf(stored.sender), authors: await addressesOf(by) } : null
  }

  /** Votes and answers are sealed with the secret of what they are added to, which is stored. */
  async function unsealed(event: DomainEvent): Promise<DomainEvent> {
    if (event.type === 'message.poll_voted' && 'sealed' in event.vote) {
      const poll = await sealedTo(event.key, event.by)
      const options = poll && openVote(event.vote.sealed, poll)
      return options ? { ...event, vote: { options } } : event
    }
    if (event.type === 'message.event_answered' && typeof event.answer === 'object' && event.answer !== null) {
      const party = await sealedTo(event.key, event.by)
      return { ...event, answer: party && openAnswer(event.answer.sealed, party) }
    }
    return event
  }

  async function toChanges(events: readonly DomainEvent[], nowMs: number, write = record): Promise<Translated> {
    const changes: Change[] = []
    const unknownGroups: string[] = []
    for (const event of events) {
      if (isLiveFact(event)) live(event)
      changes.push(...write(isWhole(event) ? event : await unsealed(await settleKey(event)), nowMs))
      if ((event.type === 'group.updated' || event.type === 'group.participants_changed') && event.group === null) unknownGroups.push(event.id)
    }
    return { changes, unknownGroups }
  }

  async function of<E extends BaileysEventName>(name: E, payload: BaileysEventMap[E]): Promise<Translated> {
    const nowMs = Date.now()
    return toChanges(await convertKnown(store, sessionId, name, payload, { own: own(), nowMs, sentHere }), nowMs)
  }

  return {
    context,
    of,
    async *ofHistory(history) {
      const known: InboundContext = { directory: await lookUpHistory(store, sessionId, own(), history), nowMs: Date.now(), sentHere, encode: true }
      for (const events of historyEvents(history, known)) yield toChanges(events, known.nowMs, recordHistory)
    },
  }
}

/** Facts of which all is known: a message that comes waits for no look-up. */
const isWhole = ({ type }: DomainEvent): boolean => type !== 'message.state' && type !== 'message.poll_voted' && type !== 'message.event_answered'
