import { invalidField } from '../errors.ts'

/** The word for the end of a log. */
export const LATEST = 'latest'

/** Where a reader of all sessions has come to. */
export interface Position {
  /** Everything up to this place was told, or is not wanted. */
  readonly place: number
  /** The reader knows that entries up to this place may be missing. */
  readonly removed: number
}

/** The opaque text of a position; it stays valid for ever. */
export const writePosition = ({ place, removed }: Position): string => Buffer.from(`all:${place}:${removed}`).toString('base64url')

/** The position in a cursor; a text that {@link writePosition} never made is a VALIDATION_FAILED problem of the field. */
export function readPosition(text: string, field: string): Position {
  const [, place, removed] = /^all:(\d{1,15}):(\d{1,15})$/.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? []
  const position = { place: Number(place), removed: Number(removed) }
  if (place === undefined || writePosition(position) !== text) throw invalidField(field, 'is no cursor of the events of all sessions')
  return position
}

/** The seq in a cursor of one session; a text that is none is a VALIDATION_FAILED problem of the field. */
export function readSeq(text: string, field: string): number {
  if (!/^\d{1,15}$/.test(text)) throw invalidField(field, 'must be the seq of an event')
  return Number(text)
}
