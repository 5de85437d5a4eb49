import type { SignalKeyStore, WASocket } from '@whiskeysockets/baileys'
import { checkAccountSignature } from './account-signature.ts'
import { keepArrivalOrder } from './arrival-order.ts'
import { boundClose } from './close-grace.ts'
import { containFrames } from './containment.ts'
import { frameBarrier } from './frame-barrier.ts'
import type { Journal } from './journal.ts'
import { keepTokens } from './token-writes.ts'
import type { WriteBehind } from './write-behind.ts'

/** A socket that was just made, and what holds it. */
export interface Held {
  readonly socket: WASocket
  readonly writes: WriteBehind
  readonly journal: Journal
  /** The Signal keys past the socket's own transactions. */
  readonly keys: SignalKeyStore
  /** False once another node may run the session. */
  mayReach(): boolean
  onFault(error: Error): void
}

/** One hold on a socket, and what would be wrong without it. */
export interface Hold {
  readonly fault: string
  take(held: Held): void
}

/** Every hold, in the order in which they are taken: the order of arrival lies beneath the journal, which sees a stanza first. */
export const holds: readonly Hold[] = [
  { fault: 'a close would wait for a server that is silent', take: ({ socket }) => boundClose(socket) },
  { fault: 'a frame that cannot be read would end the process', take: ({ socket, onFault }) => containFrames(socket, onFault) },
  { fault: 'the account signature of a pairing is not checked before the pairing is answered', take: ({ socket }) => checkAccountSignature(socket) },
  { fault: 'frames leave before what they depend on is stored', take: ({ socket, writes, mayReach }) => frameBarrier(socket, writes, mayReach) },
  { fault: 'message stanzas do not come where they are taken from', take: ({ socket }) => keepArrivalOrder(socket) },
  { fault: 'the tokens that contacts get are not kept', take: ({ socket, keys }) => keepTokens(socket, keys) },
  { fault: 'message stanzas do not come where they are taken from', take: ({ socket, journal }) => journal.attach(socket) },
]

/** Holds a socket, before it can hear anything. */
export function holdSocket(held: Held): void {
  for (const { take } of holds) take(held)
}
