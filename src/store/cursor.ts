import { CursorInvalid } from './store.ts'

/** Which list a cursor belongs to. */
export type CursorKind = 'sessions' | 'chats' | 'messages' | 'webhooks' | 'deliveries'

/** Where a page ended: the sort key and what breaks its ties. */
export type Position = readonly [key: string | number, tie: string | number]

const KEY_TYPES: Record<CursorKind, readonly [string, string]> = {
  sessions: ['string', 'string'],
  chats: ['number', 'string'],
  messages: ['number', 'number'],
  webhooks: ['number', 'string'],
  deliveries: ['number', 'string'],
}

/** The opaque text of a position; it holds no state, so it stays valid for ever. */
export const writeCursor = (kind: CursorKind, position: Position): string => Buffer.from(JSON.stringify([kind, ...position])).toString('base64url')

/** The position in a cursor, or null for the first page. Throws {@link CursorInvalid} for a text that `writeCursor` never made for this list. */
export function readCursor(kind: CursorKind, cursor: string | null): Position | null {
  if (cursor === null) return null
  const position = parsed(cursor)
  if (position === null || position[0] !== kind || writeCursor(kind, [position[1], position[2]]) !== cursor) throw new CursorInvalid()
  const [key, tie] = KEY_TYPES[kind]
  if (typeof position[1] !== key || typeof position[2] !== tie) throw new CursorInvalid()
  return [position[1], position[2]]
}

function parsed(cursor: string): [string, string | number, string | number] | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (!Array.isArray(value) || value.length !== 3) return null
    const [kind, key, tie]: unknown[] = value
    return typeof kind === 'string' && isKey(key) && isKey(tie) ? [kind, key, tie] : null
  } catch {
    return null
  }
}

const isKey = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number'
