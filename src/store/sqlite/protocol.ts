import type { Change } from '../store.ts'
import type { Crossing } from './crossing.ts'
import type { Fault } from './fault.ts'

/** What the writer's thread is started with. */
export interface WriterData {
  readonly database: string
}

/** One commit, where it is written. */
export interface WriterCommit {
  readonly number: number
  readonly sessionId: string
  readonly changes: readonly Change[]
  /** The last commit of which the caller knew what became of it. */
  readonly told: number
}

/** One commit on its way to the writer. */
export interface CrossingCommit extends Omit<WriterCommit, 'changes'> {
  readonly changes: readonly Crossing[]
}

/** What the writer is told. */
export type ToWriter = { readonly kind: 'commits'; readonly commits: readonly CrossingCommit[] } | { readonly kind: 'close' }

/** What the writer tells: that it is ready, or what became of the commits of one transaction, once that is durable. */
export type FromWriter = { readonly kind: 'ready' } | { readonly kind: 'done'; readonly written: readonly number[]; readonly failed: readonly (readonly [number, Fault])[] }
