import type { Change } from '../store.ts'
import type { ChangeOf } from './write.ts'

/** Bytes of a change, as text with one character a byte. To make a buffer of its own for a hundred bytes, and to hand it over, costs more than the rest of a commit. */
type Text<Bytes> = Bytes extends Uint8Array ? string : Bytes
type Crossed<Row, Fields extends keyof Row> = Omit<Row, Fields> & { readonly [Field in Fields]: Text<Row[Field]> }

type Put = ChangeOf<'message.put'>
type Edit = ChangeOf<'message.edit'>
type Journal = ChangeOf<'journal.put'>

/** A change on its way from one thread to the other. */
export type Crossing =
  | Exclude<Change, Put | Edit | Journal>
  | (Omit<Put, 'message'> & { readonly message: Crossed<Put['message'], 'raw'> })
  | Crossed<Edit, 'raw'>
  | (Omit<Journal, 'row'> & { readonly row: Crossed<Journal['row'], 'plaintext' | 'open'> })

/** To be called before the change leaves a thread. */
export function toCrossing(change: Change): Crossing {
  if (change.kind === 'message.put') return { ...change, message: { ...change.message, raw: toText(change.message.raw) } }
  if (change.kind === 'message.edit') return { ...change, raw: toText(change.raw) }
  if (change.kind === 'journal.put') return { ...change, row: { ...change.row, plaintext: textOf(change.row.plaintext), open: toText(change.row.open) } }
  return change
}

/** To be called where the change has arrived. */
export function fromCrossing(crossing: Crossing): Change {
  if (crossing.kind === 'message.put') return { ...crossing, message: { ...crossing.message, raw: toBytes(crossing.message.raw) } }
  if (crossing.kind === 'message.edit') return { ...crossing, raw: toBytes(crossing.raw) }
  if (crossing.kind === 'journal.put') return { ...crossing, row: { ...crossing.row, plaintext: bytesOf(crossing.row.plaintext), open: toBytes(crossing.row.open) } }
  return crossing
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1')

const toText = (bytes: Uint8Array | null): string | null => (bytes === null ? null : textOf(bytes))

const toBytes = (text: string | null): Uint8Array | null => (text === null ? null : bytesOf(text))
