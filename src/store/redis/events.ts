import type { Redis } from 'ioredis'
import type { EventRow, PlacedEventRow } from '../store.ts'
import type { Writes } from './commit.ts'
import type { Draft } from './draft.ts'
import type { Keys } from './keys.ts'
import type { Source, StreamEntry } from './source.ts'

const numberOf = (id: string): number => Number(id.slice(0, id.indexOf('-')))

const toRow = ([streamId, [, text = '[]']]: StreamEntry): EventRow => {
  const [id, type, chatId, data, at] = JSON.parse(text) as [string, string, string | null, string, number]
  return { seq: numberOf(streamId), id, type, chatId, data, at }
}

/** Reads of the log. */
export function eventReads(redis: Redis, source: Source, keys: Keys) {
  const { gateway } = keys
  const number = async (key: string): Promise<number> => Number((await redis.get(key)) ?? 0)
  async function placed(place: number, limit: number): Promise<PlacedEventRow[]> {
    const refs = await source.entries(gateway.places, place + 1, limit)
    const found = await Promise.all(refs.map(async ([at, [, sessionId = '', , seq = '']]) => {
      const [entry] = await redis.xrange(keys.session(sessionId).log, `${seq}-0`, `${seq}-0`)
      // One that retention has taken meanwhile.
      return entry === undefined ? [] : [{ ...toRow(entry), sessionId, place: numberOf(at) }]
    }))
    return found.flat()
  }
  return {
    async after(sessionId: string, seq: number, limit: number): Promise<EventRow[]> {
      return (await source.entries(keys.session(sessionId).log, seq + 1, limit)).map(toRow)
    },
    async bounds(sessionId: string): Promise<{ first: number; last: number }> {
      const session = keys.session(sessionId)
      const [first, head] = await Promise.all([source.entries(session.log, 0, 1), redis.hget(session.meta, 'head')])
      return { first: first[0] === undefined ? 0 : numberOf(first[0][0]), last: Number(head ?? 0) }
    },
    heads: async (): Promise<Map<string, number>> => new Map(Object.entries(await redis.hgetall(gateway.heads)).map(([id, seq]) => [id, Number(seq)])),
    async everywhere(place: number, limit: number): Promise<{ rows: PlacedEventRow[]; removed: number }> {
      const rows = await placed(place, limit)
      // Asked for last, so that what was removed while the rows were read is counted.
      return { rows, removed: await number(gateway.removed) }
    },
    async everywhereBounds(): Promise<{ last: number; removed: number }> {
      const [newest, removed] = await Promise.all([redis.xrevrange(gateway.places, '+', '-', 'COUNT', 1), number(gateway.removed)])
      return { last: newest[0] === undefined ? 0 : numberOf(newest[0][0]), removed }
    },
  }
}

/** What a removal has to know of an entry. */
interface Aged {
  readonly seq: number
  readonly at: number
}

/** The log as the draft leaves it, from its start: at most `limit` entries, and how many there are in all. */
async function logOf(draft: Draft, limit: number): Promise<{ oldest: readonly Aged[]; count: number }> {
  const removed = Math.max(0, ...draft.log.map((step) => ('removedUpTo' in step ? step.removedUpTo : 0)))
  const appended = draft.log.flatMap((step) => ('entry' in step && step.seq > removed ? [{ seq: step.seq, at: step.entry.at }] : []))
  const stored = await draft.entries(draft.keys.log, removed + 1, limit)
  const oldest = [...stored.map(toRow), ...appended].slice(0, limit)
  // Nothing but the start of a log is ever removed, so its seqs have no gaps.
  const first = oldest[0]?.seq
  return { oldest, count: first === undefined ? 0 : draft.head() - first + 1 }
}

/** Entries that one removal looks at when nobody set a limit. */
const MOST = 10_000

/** Writes of the log. */
export const eventWrites: Writes<'event.append' | 'event.restore' | 'event.prune'> = {
  'event.append': ({ draft }, { event }) => draft.append(event),
  'event.restore': ({ draft }, { entries, removed }) => draft.restore(entries, removed),
  async 'event.prune'({ draft }, { before, keep = Infinity, limit = MOST }) {
    if (limit === 0) return
    const { oldest, count } = await logOf(draft, limit + 1)
    const young = oldest.findIndex(({ at }) => at >= before)
    const gone = Math.min(Math.max(young === -1 ? oldest.length : young, count - keep), count - 1, limit)
    const last = oldest[gone - 1]
    if (last !== undefined) draft.removeUpTo(last.seq)
  },
}
