import { createHash } from 'node:crypto'
import type { ArchivedMessage } from './history.ts'

/** An invented past of one chat: each message follows from these few facts, so none has to be stored. */
export type SeededChat = {
  /** LID user whose phone remembers it. */
  owner: string
  /** `<lid>@lid` or `<id>@g.us`. */
  chat: string
  /** LID users who write in it besides the owner. */
  speakers: readonly string[]
  /** Messages that a link or a push brings. */
  recent: number
  /** Messages before those, which only an on-demand request brings. */
  older: number
  unread: number
  /** Unix seconds of the newest message. */
  newestAt: number
}

const SECONDS_BETWEEN = 240
const CHAT_LETTERS = 12
const PLACE_LETTERS = 6
// Knuth's multiplicative hash: neighbouring places get unlike numbers.
const SPREAD = 2_654_435_761
const OPENINGS = ['Good morning', 'Hello', 'One moment', 'Thank you', 'By the way', 'Yes', 'No problem', 'Of course', 'Sorry', 'Great']
const BODIES = [
  'the order leaves the shop tomorrow', 'we meet at the station at eight', 'the invoice is in your mail', 'I will call you after lunch',
  'the keys are with the neighbour', 'can you send me the address again', 'the photos of the trip are lovely', 'it rains here since Monday',
  'the table is booked for four', 'the doctor says all is well', 'the parcel has not come yet',
]

const pick = <T>(list: readonly T[], at: number, otherwise: T): T => list[at % list.length] ?? otherwise

// A hash of each message would cost as much as all the rest of a large history.
const digests = new WeakMap<SeededChat, string>()
const digestOf = (seed: SeededChat): string => {
  const known = digests.get(seed)
  if (known !== undefined) return known
  const made = createHash('sha1').update(`${seed.owner}/${seed.chat}`).digest('hex').toUpperCase()
  digests.set(seed, made)
  return made
}

/** The message at a place of the past, 0 being the oldest. */
export const seededMessage = (seed: SeededChat, place: number): ArchivedMessage => {
  const fromEnd = seed.older + seed.recent - 1 - place
  const digest = digestOf(seed)
  const dice = ((Number.parseInt(digest.slice(-6), 16) + place) * SPREAD % 2 ** 32) >>> 8
  const fromMe = fromEnd >= seed.unread && dice % 3 === 0
  return {
    id: `3A${digest.slice(0, CHAT_LETTERS)}${place.toString(16).toUpperCase().padStart(PLACE_LETTERS, '0')}`,
    fromMe,
    sender: fromMe ? seed.owner : pick(seed.speakers, dice, seed.owner),
    at: seed.newestAt - fromEnd * SECONDS_BETWEEN,
    content: { conversation: `${pick(OPENINGS, dice, '')}, ${pick(BODIES, dice >> 4, '')} (${place + 1})` },
    reactions: [],
  }
}
