import type { Page } from './store.ts'

/** The page of `limit` rows, of `limit + 1` that were read to see whether more follow. */
export function cut<Row>(found: readonly Row[], limit: number, cursorOf: (row: Row) => string): Page<Row> {
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  return { rows, next: last === undefined || found.length <= limit ? null : cursorOf(last) }
}
