import { readCursor, writeCursor, type CursorKind, type Position } from './cursor.ts'
import type { Page, PageRequest } from './store.ts'

/** The rows after the cursor, newest first. */
export function memoryPage<Row>(kind: CursorKind, rows: Iterable<Row>, positionOf: (row: Row) => Position, { limit, cursor }: PageRequest): Page<Row> {
  const from = readCursor(kind, cursor)
  const after = [...rows].filter((row) => from === null || compare(positionOf(row), from) < 0).toSorted((one, other) => compare(positionOf(other), positionOf(one)))
  const page = after.slice(0, limit)
  const last = page.at(-1)
  return { rows: page, next: last === undefined || after.length === page.length ? null : writeCursor(kind, positionOf(last)) }
}

const compare = (one: Position, other: Position): number => compareKeys(one[0], other[0]) || compareKeys(one[1], other[1])

/** Texts by their UTF-8 bytes, as every backend sorts them. */
const compareKeys = (one: string | number, other: string | number): number => (typeof one === 'number' && typeof other === 'number' ? one - other : Buffer.compare(Buffer.from(String(one)), Buffer.from(String(other))))
