import type { Account, Addressing, Companion } from '../world/accounts.ts'
import type { BinaryNode } from '../stanza/node.ts'

/** The live, logged-in socket of one companion. */
export type Connection = {
  readonly account: Account
  readonly device: Companion
  /** The form this client understands: clients of the older dictionary know phone numbers only. */
  readonly addressing: Addressing
  /** True once the client asked for its queue with `<active/>`. */
  isActive: boolean
  /** True while the client shows itself available. */
  isOnline: boolean
  /** Puts a node on the wire; what it depends on is stored first. */
  send(stanza: BinaryNode): void
  /** Writes raw bytes as a frame's payload (to play a broken server). */
  sendBytes(payload: Uint8Array): void
  /** Writes a frame that no key opens. */
  sendGarbage(): void
  /** Falls silent: nothing is read or answered while the socket stays open. */
  freeze(): void
  /** Ends the socket; its un-acked stanzas go back to the head of its queue. */
  close(): void
  /** Cuts the transport without a closing handshake. */
  drop(): void
}
