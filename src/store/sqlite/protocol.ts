import type { Change } from '../store.ts'
import type { Fault } from './fault.ts'

/** What the writer's thread is started with. */
export interface WriterData {
  readonly database: string
}

/** What the writer is told. */
export type ToWriter =
  | {
      readonly kind: 'commit'
      readonly number: number
      readonly sessionId: string
      readonly changes: readonly Change[]
      /** The last commit of which the caller knew what became of it. */
      readonly told: number
    }
  | { readonly kind: 'close' }

/** One commit's way to the writer. */
export type WriterCommit = Extract<ToWriter, { kind: 'commit' }>

/** What the writer tells: that it is ready, or what became of the commits of one transaction, once that is durable. */
export type FromWriter = { readonly kind: 'ready' } | { readonly kind: 'done'; readonly written: readonly number[]; readonly failed: readonly (readonly [number, Fault])[] }
