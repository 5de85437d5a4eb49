import type { Change, Store } from '../store/store.ts'
import { Fenced } from '../store/faults.ts'

/** The right to run one session: to speak to WhatsApp for it, and to write what only its owner writes. */
export interface Lease {
  /** What each commit of the owner carries; '' where there is one gateway only. */
  readonly fence: string
  /** False once the right is lost or may be: nothing more may be said or written. */
  isHeld(): boolean
  /** Aborted when it is lost. */
  readonly lost: AbortSignal
}

/** The right that the only gateway always has. */
export const sole: Lease = { fence: '', isHeld: () => true, lost: new AbortController().signal }

/** The store as one owner writes to it: under its token, and not at all once that is lost. */
export function heldStore(store: Store, lease: Lease): Store {
  if (lease === sole) return store
  const commit = (sessionId: string, changes: readonly Change[]): Promise<void> => (lease.isHeld() ? store.commit(sessionId, changes, lease.fence) : Promise.reject(new Fenced()))
  return { ...store, commit }
}

/** A node of the cluster. */
export interface Node {
  readonly id: string
  /** Where the other nodes reach it. */
  readonly url: string
  /** Unix milliseconds. */
  readonly startedAt: number
}

/** Which sessions run here. */
export interface Ownership {
  /** Whether other nodes run sessions of the same store. */
  readonly isShared: boolean
  /** The right to a session that runs here, or null. */
  lease(sessionId: string): Lease | null
  /** The same, taken now where nobody has it. */
  take(sessionId: string): Promise<Lease | null>
  /** The node that has the session, or null. */
  ownerOf(sessionId: string): Promise<Node | null>
  /** Calls back when a session begins to run here, and with null when it must not run here any more; the session is given back once the answer resolves. */
  follow(listener: (sessionId: string, lease: Lease | null) => Promise<void>): void
}

/** Everything runs in the only gateway. */
export const soleOwner: Ownership = { isShared: false, lease: () => sole, take: async () => sole, ownerOf: async () => null, follow: () => undefined }
