import { GATEWAY } from '../webhooks.ts'

/** What stands between braces for the gateway as a whole; no session can have this id. */
const ALL = '*'

/** The keys of one session. */
export interface SessionKeys {
  readonly id: string
  /** Hash: `version` counts the commits, `numbers` what was given an order, `head` is the last seq, `token` that of the last owner. It outlives the session. */
  readonly meta: string
  /** Text, for some seconds: the node that runs the session. */
  readonly lease: string
  /** Hash: which types of keys there are. */
  readonly authTypes: string
  /** Hash by id of one type of keys. */
  auth(type: string): string
  /** Hash by type and id: keys out of the way. */
  readonly archive: string
  /** Hash by id. */
  readonly chats: string
  /** Sorted: timestamp, id. */
  readonly chatOrder: string
  /** Hash: which chats have messages. */
  readonly rooms: string
  /** Hash by id of one chat: the messages under that id, oldest first. */
  messages(chatId: string): string
  /** Hash by id and sender of one chat: the bytes only WhatsApp understands. */
  raw(chatId: string): string
  /** Sorted, of one chat: timestamp, place, id. */
  messageOrder(chatId: string): string
  /** Hash by id: in which chats our own message is. */
  readonly own: string
  /** Sorted: a LID and a message that names it. */
  readonly traces: string
  /** Hash by JID, so a person of whom phone and LID are known stands in it twice. */
  readonly contacts: string
  /** Hash by id. */
  readonly groups: string
  /** Hash by id. */
  readonly outbox: string
  /** Sorted: position, id. */
  readonly outboxOrder: string
  /** Hash by hash. */
  readonly journal: string
  /** Sorted: time, hash. */
  readonly journalAges: string
  /** Sorted: place, hash of those that are open. */
  readonly journalOpen: string
  /** Hash by user. */
  readonly devices: string
  /** Sorted: time, user. */
  readonly deviceAges: string
  /** Stream; the id of an entry is its seq. */
  readonly log: string
  /** Hash by seq of one webhook. */
  deliveries(webhookId: string): string
  /** Sorted, of one webhook: seq. */
  deliverySeqs(webhookId: string): string
  /** Sorted, of one webhook: the next attempt and seq of those apart from their lanes. */
  deliveriesApart(webhookId: string): string
  /** Sorted, of one webhook and state: the last attempt, place, seq. */
  deliveryAges(webhookId: string, state: string): string
  /** Sorted, of one webhook and state: place, seq. */
  deliveryPlaces(webhookId: string, state: string): string
}

/** The keys that belong to no session. */
export interface GatewayKeys {
  /** Text: what the store is, and for whom. */
  readonly layout: string
  /** Hash by id. */
  readonly sessions: string
  /** Sorted: time, id. */
  readonly sessionOrder: string
  /** Sorted: id. */
  readonly resumable: string
  /** Hash by session: the last seq. */
  readonly heads: string
  /** Number: the place of the newest entry of all logs. */
  readonly place: string
  /** Stream: of which session and seq the entry at a place is. */
  readonly places: string
  /** Number: the place of the newest entry that was removed. */
  readonly removed: string
  /** Hash by id. */
  readonly webhooks: string
  /** Sorted: time, id. */
  readonly webhookOrder: string
  /** Hash by session and webhook. */
  readonly cursors: string
  /** Number: gives deliveries their order. */
  readonly deliveryPlace: string
  /** Sorted, of one webhook and state: place, session and seq. */
  deliveries(webhookId: string, state: string): string
  /** Channel: whose log has grown. */
  readonly told: string
  /** Channel: what only holds for the moment. */
  readonly live: string
  /** Text: the key that callers send, where none is configured. */
  readonly apiKey: string
  /** Hash by id: the nodes. */
  readonly nodes: string
  /** Sorted: until when a node lives without a sign of life. */
  readonly nodeEnds: string
  /** Channel: a node has given back its sessions. */
  readonly freed: string
}

/** Every key of a store. What stands between braces is what Redis would place a key by. */
export interface Keys {
  readonly gateway: GatewayKeys
  session(id: string): SessionKeys
}

/** The keys under a prefix, so that several stores can share one Redis. */
export function keysOf(prefix: string): Keys {
  const all = (name: string): string => `${prefix}:{${ALL}}:${name}`
  return {
    gateway: {
      layout: all('layout'),
      sessions: all('sessions'),
      sessionOrder: all('session-order'),
      resumable: all('resumable'),
      heads: all('heads'),
      place: all('place'),
      places: all('places'),
      removed: all('removed'),
      webhooks: all('webhooks'),
      webhookOrder: all('webhook-order'),
      cursors: all('cursors'),
      deliveryPlace: all('delivery-place'),
      deliveries: (webhookId, state) => all(`deliveries:${webhookId}:${state}`),
      told: all('told'),
      live: all('live'),
      apiKey: all('api-key'),
      nodes: all('nodes'),
      nodeEnds: all('node-ends'),
      freed: all('freed'),
    },
    session(id) {
      const own = (name: string): string => `${prefix}:{${id === GATEWAY ? ALL : id}}:${name}`
      return {
        id,
        meta: own('meta'),
        lease: own('lease'),
        authTypes: own('auth-types'),
        auth: (type) => own(`auth:${type}`),
        archive: own('archive'),
        chats: own('chats'),
        chatOrder: own('chat-order'),
        rooms: own('rooms'),
        messages: (chatId) => own(`messages:${chatId}`),
        raw: (chatId) => own(`raw:${chatId}`),
        messageOrder: (chatId) => own(`message-order:${chatId}`),
        own: own('own'),
        traces: own('traces'),
        contacts: own('contacts'),
        groups: own('groups'),
        outbox: own('outbox'),
        outboxOrder: own('outbox-order'),
        journal: own('journal'),
        journalAges: own('journal-ages'),
        journalOpen: own('journal-open'),
        devices: own('devices'),
        deviceAges: own('device-ages'),
        log: own('log'),
        deliveries: (webhookId) => own(`deliveries-of:${webhookId}`),
        deliverySeqs: (webhookId) => own(`delivery-seqs:${webhookId}`),
        deliveriesApart: (webhookId) => own(`deliveries-apart:${webhookId}`),
        deliveryAges: (webhookId, state) => own(`delivery-ages:${webhookId}:${state}`),
        deliveryPlaces: (webhookId, state) => own(`delivery-places:${webhookId}:${state}`),
      }
    },
  }
}

const DIGITS = 16

/** A number as text that sorts as the number does: the members of every sorted set begin with such, and have no score. Not below zero; `Number.MAX_SAFE_INTEGER` fits. */
export const sortable = (number: number): string => {
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError(`${number} has no place in an order`)
  return String(number).padStart(DIGITS, '0')
}

/** How many characters of a member such a number takes. */
export const SORTABLE_LENGTH = DIGITS

/** The number that begins at a place of a member. */
export const numberAt = (member: string, place: number): number => Number(member.slice(place * DIGITS, (place + 1) * DIGITS))

/** What follows so many numbers in a member. */
export const restAfter = (member: string, numbers: number): string => member.slice(numbers * DIGITS)
