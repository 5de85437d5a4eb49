import type { Change } from '../store.ts'
import type { Draft } from './draft.ts'
import type { GatewayKeys } from './keys.ts'

/** A change of one kind. */
export type ChangeOf<Kind extends Change['kind']> = Extract<Change, { kind: Kind }>

/** What writes into a draft. */
export interface Writing {
  readonly draft: Draft
  readonly gateway: GatewayKeys
  /** Gives the next delivery its order; there is one for each that the commits put. */
  nextDelivery(): number
}

/** What writes each of some kinds of change. */
export type Writes<Kind extends Change['kind']> = { readonly [K in Kind]: (writing: Writing, change: ChangeOf<K>) => Promise<void> | void }
