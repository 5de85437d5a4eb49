import type { proto } from '@whiskeysockets/baileys'
import type { ContactCard, MessageContent } from '../../../schemas/message-content.ts'
import { toCount, toFilledText, toMilliseconds, toNumber, toSeconds } from './values.ts'

type M = proto.IMessage
type Of<T extends MessageContent['type']> = Extract<MessageContent, { type: T }>

/** More cards, options or letters than WhatsApp's own clients let anybody send. */
const MAX_CARDS = 257
const MAX_OPTIONS = 100
const MAX_VCARD = 65_536
const MAX_METERS = 40_000_000
/** Prices are sent in thousandths. */
const THOUSANDTHS = 1000
const CURRENCY = /^[A-Z]{3}$/
/** The number of a card that WhatsApp knows, as its clients write it. */
const WAID = /[;:]waid=(\d{5,20})/gi

const degrees = (value: unknown, most: number): number | null => {
  const number = toNumber(value)
  return number === null || Math.abs(number) > most ? null : number
}

/** Null for a place that is none. */
export function toLocation({ degreesLatitude, degreesLongitude, name, address, url }: proto.Message.ILocationMessage): Of<'location'> | null {
  const [latitude, longitude] = [degrees(degreesLatitude, 90), degrees(degreesLongitude, 180)]
  return latitude === null || longitude === null ? null : { type: 'location', latitude, longitude, name: toFilledText(name), address: toFilledText(address), url: toFilledText(url) }
}

/** The same for one that moves. */
export function toLiveLocation({ degreesLatitude, degreesLongitude, accuracyInMeters }: proto.Message.ILiveLocationMessage): Of<'liveLocation'> | null {
  const [latitude, longitude] = [degrees(degreesLatitude, 90), degrees(degreesLongitude, 180)]
  return latitude === null || longitude === null ? null : { type: 'liveLocation', latitude, longitude, accuracyMeters: toCount(accuracyInMeters, MAX_METERS) }
}

function toCard({ displayName, vcard }: proto.Message.IContactMessage): ContactCard {
  const card = toFilledText(vcard)?.slice(0, MAX_VCARD) ?? null
  return { name: toFilledText(displayName), phones: [...new Set(Array.from(card?.matchAll(WAID) ?? [], ([, digits = '']) => digits))], vcard: card }
}

/** One card or several. */
export const toContacts = (cards: readonly proto.Message.IContactMessage[]): Of<'contacts'> => ({ type: 'contacts', contacts: cards.slice(0, MAX_CARDS).map(toCard) })

/** A poll of any version. */
export const toPoll = ({ name, options, selectableOptionsCount }: proto.Message.IPollCreationMessage): Of<'poll'> => ({
  type: 'poll', question: toFilledText(name) ?? '', options: (options ?? []).slice(0, MAX_OPTIONS).map(({ optionName }) => toFilledText(optionName) ?? ''), selectableCount: toCount(selectableOptionsCount, MAX_OPTIONS) ?? 0,
})

const isoOf = (milliseconds: number | null): string | null => (milliseconds === null ? null : new Date(milliseconds).toISOString())
const fromSeconds = (value: unknown): string | null => {
  const seconds = toSeconds(value)
  return isoOf(seconds === null ? null : seconds * 1000)
}

/** An event to answer. */
export const toEvent = ({ name, description, startTime, endTime, location, joinLink, isCanceled }: proto.Message.IEventMessage): Of<'event'> => ({
  type: 'event', name: toFilledText(name) ?? '', description: toFilledText(description), startsAt: fromSeconds(startTime), endsAt: fromSeconds(endTime),
  place: toFilledText(location?.name) ?? toFilledText(location?.address), joinLink: toFilledText(joinLink), canceled: isCanceled === true,
})

/** The invitation says seconds or milliseconds, as its writer's client does. */
const expiry = (value: unknown): string | null => isoOf(toMilliseconds(value) !== null && (toSeconds(value) ?? Infinity) > MAX_LIKELY_SECONDS ? toMilliseconds(value) : null) ?? fromSeconds(value)
/** The year 5138 in seconds, 1973 in milliseconds. */
const MAX_LIKELY_SECONDS = 100_000_000_000

/** An invitation to a group. */
export const toGroupInvite = ({ groupJid, groupName, inviteCode, inviteExpiration }: proto.Message.IGroupInviteMessage): Of<'groupInvite'> => ({
  type: 'groupInvite', groupId: toFilledText(groupJid), name: toFilledText(groupName), code: toFilledText(inviteCode), expiresAt: expiry(inviteExpiration),
})

const toPrice = (value: unknown): number | null => {
  const amount = toNumber(value)
  return amount === null || amount < 0 || !Number.isFinite(amount) ? null : amount / THOUSANDTHS
}
const toCurrency = (value: unknown): string | null => (typeof value === 'string' && CURRENCY.test(value) ? value : null)

/** A product; the business by the address that was sent. */
export const toProduct = ({ product, businessOwnerJid }: proto.Message.IProductMessage): Of<'product'> => ({
  type: 'product', productId: toFilledText(product?.productId), businessId: toFilledText(businessOwnerJid), title: toFilledText(product?.title), description: toFilledText(product?.description),
  price: toPrice(product?.priceAmount1000), currency: toCurrency(product?.currencyCode), url: toFilledText(product?.url),
})

/** An order. */
export const toOrder = ({ orderId, orderTitle, itemCount, totalAmount1000, totalCurrencyCode }: proto.Message.IOrderMessage): Of<'order'> => ({
  type: 'order', orderId: toFilledText(orderId), title: toFilledText(orderTitle), itemCount: toCount(itemCount), total: toPrice(totalAmount1000), currency: toCurrency(totalCurrencyCode),
})

/** What was chosen, by the id that the writer of the choices gave it. */
export const toReply = (selectedId: unknown): Of<'reply'> => ({ type: 'reply', selectedId: toFilledText(selectedId) })

/** What an interactive answer chose: Meta's clients put it into JSON. */
export function toInteractiveReply(value: NonNullable<M['interactiveResponseMessage']>): Of<'reply'> {
  try {
    const parameters = JSON.parse(value.nativeFlowResponseMessage?.paramsJson ?? '{}') as unknown
    return toReply(typeof parameters === 'object' && parameters !== null && 'id' in parameters ? parameters.id : null)
  } catch {
    return toReply(null)
  }
}
