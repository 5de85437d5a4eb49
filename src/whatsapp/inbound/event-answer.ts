import { decryptEventResponse, proto } from '@whiskeysockets/baileys'
import { unseal, type Sealed, type SealedTo } from './sealed.ts'

const { EventResponseType } = proto.Message.EventResponseMessage

const ANSWERS: ReadonlyMap<number, 'going' | 'not_going' | 'maybe'> = new Map<number, 'going' | 'not_going' | 'maybe'>([
  [EventResponseType.GOING, 'going'], [EventResponseType.NOT_GOING, 'not_going'], [EventResponseType.MAYBE, 'maybe'],
])

/** What a sealed answer says; null when it cannot be opened with this event, or says what nobody knows. */
export const openAnswer = ({ payload, iv }: Sealed, event: SealedTo): 'going' | 'not_going' | 'maybe' | null =>
  unseal(event, (_content, eventEncKey, eventCreatorJid, responderJid) => {
    const { response } = decryptEventResponse({ encPayload: payload, encIv: iv }, { eventCreatorJid, eventMsgId: event.id, eventEncKey, responderJid })
    return ANSWERS.get(response ?? EventResponseType.UNKNOWN) ?? null
  })
