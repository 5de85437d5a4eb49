import type { Redis } from 'ioredis'
import { readCursor, writeCursor } from '../cursor.ts'
import { cut } from '../cut.ts'
import type { Page, PageRequest, SessionRow } from '../store.ts'
import { clearAuth } from './auth.ts'
import type { Writes } from './commit.ts'
import type { Draft } from './draft.ts'
import type { GatewayKeys } from './keys.ts'
import { clearMessages } from './message-writes.ts'

/** Before every character of an id, so that of two times where one begins with the other the shorter comes first. */
const END = '\u0000'

const memberOf = ({ createdAt, id }: SessionRow): string => `${createdAt}${END}${id}`

const toRow = (text: string | null): SessionRow | null => (text === null ? null : (JSON.parse(text) as SessionRow))

/** Reads of stored sessions. */
export function sessionReads(redis: Redis, gateway: GatewayKeys) {
  const rowsOf = async (ids: readonly string[]): Promise<SessionRow[]> => {
    const found = ids.length === 0 ? [] : await redis.hmget(gateway.sessions, ...ids)
    return found.flatMap((text) => toRow(text) ?? [])
  }
  return {
    get: async (id: string): Promise<SessionRow | null> => toRow(await redis.hget(gateway.sessions, id)),
    async page({ limit, cursor }: PageRequest): Promise<Page<SessionRow>> {
      const from = readCursor('sessions', cursor)
      const members = await redis.zrevrangebylex(gateway.sessionOrder, from === null ? '+' : `(${from[0]}${END}${from[1]}`, '-', 'LIMIT', 0, limit + 1)
      const rows = await rowsOf(members.map((member) => member.slice(member.indexOf(END) + 1)))
      return cut(rows, limit, ({ createdAt, id }) => writeCursor('sessions', [createdAt, id]))
    },
    resumable: async (): Promise<SessionRow[]> => rowsOf(await redis.zrangebylex(gateway.resumable, '-', '+')),
  }
}

async function takeOut(draft: Draft, gateway: GatewayKeys): Promise<SessionRow | null> {
  const stored = toRow(await draft.field(gateway.sessions, draft.keys.id))
  if (stored === null) return null
  draft.take(gateway.sessionOrder, memberOf(stored))
  if (stored.wanted && stored.linked) draft.take(gateway.resumable, stored.id)
  return stored
}

/** Writes of sessions; a deletion takes all that belongs to the session but its log. */
export const sessionWrites: Writes<'session.put' | 'session.delete'> = {
  async 'session.put'({ draft, gateway }, { session }) {
    await takeOut(draft, gateway)
    draft.put(gateway.sessions, session.id, JSON.stringify(session))
    draft.add(gateway.sessionOrder, memberOf(session))
    if (session.wanted && session.linked) draft.add(gateway.resumable, session.id)
  },
  async 'session.delete'({ draft, gateway }) {
    const { keys } = draft
    if ((await takeOut(draft, gateway)) !== null) draft.drop(gateway.sessions, keys.id)
    await clearAuth(draft)
    for (const chatId of (await draft.hash(keys.rooms)).keys()) await clearMessages(draft, chatId)
    for (const key of [
      keys.archive, keys.chats, keys.chatOrder, keys.rooms, keys.own, keys.traces, keys.contacts, keys.groups, keys.outbox, keys.outboxOrder,
      keys.journal, keys.journalAges, keys.journalOpen,
    ]) draft.unlink(key)
  },
}
