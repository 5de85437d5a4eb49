import type { Change, LogEntry } from '../store.ts'

/** A change of one kind. */
export type ChangeOf<Kind extends Change['kind']> = Extract<Change, { kind: Kind }>

/** What writes each of some kinds of change, inside the writer's transaction. */
export type Writes<Kind extends Change['kind']> = { readonly [K in Kind]: (sessionId: string, change: ChangeOf<K>) => void }

/** Moves what stands under the id `from` under the id `to`. */
export type Rename = (sessionId: string, from: string, to: string) => void

/** Writes the entry that a change brings along, if it brings one. */
export type Append = (sessionId: string, entry: LogEntry | undefined) => void
