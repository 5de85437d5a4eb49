import type { Noted } from './receiver.ts'

/** What the endpoint's notes add up to, while they come in. */
export interface Book {
  add(noted: readonly Noted[]): void
  /** Events that got a 2xx on this path. */
  delivered(path: string): number
  /** 2xx beyond the first of an id. */
  repeated(): number
  /** First 2xx of a session that came after the first of a later event, on this path. */
  inversions(path: string): number
  /** The same within chats. */
  chatInversions(path: string): number
  attempts(): number
  /** Deliveries that were not signed as they should be. */
  unsigned(): number
}

/** An empty book. */
export function openBook(): Book {
  const seen = new Map<string, Set<string>>()
  const highest = new Map<string, number>()
  const inversions = new Map<string, number>()
  let attempts = 0
  let repeated = 0
  let unsigned = 0

  const inOrder = (lane: string, path: string, seq: number): void => {
    const before = highest.get(lane) ?? 0
    if (seq < before) inversions.set(path, (inversions.get(path) ?? 0) + 1)
    else highest.set(lane, seq)
  }

  return {
    add(noted) {
      for (const { path, id, session, chatId, seq, status } of noted) {
        attempts += 1
        if (status === 499) unsigned += 1
        if (status !== 200) continue
        const ids = seen.get(path) ?? new Set()
        seen.set(path, ids)
        if (ids.has(id)) {
          repeated += 1
          continue
        }
        ids.add(id)
        inOrder(`${path} ${session}`, path, seq)
        inOrder(`${path} ${session} ${chatId}`, `${path} in chats`, seq)
      }
    },
    delivered: (path) => seen.get(path)?.size ?? 0,
    repeated: () => repeated,
    inversions: (path) => inversions.get(path) ?? 0,
    chatInversions: (path) => inversions.get(`${path} in chats`) ?? 0,
    attempts: () => attempts,
    unsigned: () => unsigned,
  }
}
