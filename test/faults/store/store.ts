import type { EventType } from '../../../schemas/event.ts'
import type { FaultsEnv } from '../faults-env.ts'
import type { Mortal } from '../gateway.ts'

/** One entry of a log as it is stored. */
export interface Entry {
  readonly session: string
  readonly seq: number
  readonly type: EventType
  readonly data: Record<string, unknown>
}

/** One of our own messages as it is stored. */
export interface OwnRow {
  readonly session: string
  readonly id: string
  readonly state: string | null
}

/** What a gateway's store holds. */
export interface GatewayRecord {
  readonly events: readonly Entry[]
  readonly own: readonly OwnRow[]
  /** Rows that still stand as undecryptable. */
  readonly unread: number
  /** The last seq of each session. */
  readonly heads: ReadonlyMap<string, number>
}

/** The ids of accepted sends without an ack, and of those of them that were handed to a socket. */
export interface OpenSends {
  readonly waiting: readonly string[]
  readonly sending: readonly string[]
}

/** A key of a session as it is stored. */
export interface KeyRow {
  readonly session: string
  readonly id: string
  readonly value: string
}

/** What a gateway's data can lie in. */
export type StoreKind = 'sqlite' | 'redis'

/** The store of a gateway that dies: how it fails, and what lies in it, read past the gateway. */
export interface FaultStore {
  /** What the gateway is started with to use it. */
  readonly env: FaultsEnv
  /** The ways in which it fails. */
  readonly faults: readonly string[]
  /** All of it, once the gateway has ended in order. */
  record(): Promise<GatewayRecord>
  /** Read while the gateway runs or lies dead; null when that is not possible now. */
  openSends(): Promise<OpenSends | null>
  /** The stored keys of one type, of all sessions. */
  keys(type: 'session' | 'creds' | 'pre-key'): Promise<readonly KeyRow[]>
  /** Begins to fail under the gateway with these sessions. */
  fail(fault: string, gateway: Mortal, ids: readonly string[]): Promise<void>
  /** Whether the gateway, with these sessions, has felt it. */
  isFelt(gateway: Mortal, ids: readonly string[]): Promise<boolean>
  /** Works again. */
  heal(): Promise<void>
  close(): Promise<void>
}
