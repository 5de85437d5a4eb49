import type { OutboxRow } from '../store.ts'
import type { Writes } from './commit.ts'
import type { Draft } from './draft.ts'
import { restAfter, sortable, type Keys } from './keys.ts'
import type { Source } from './source.ts'

const memberOf = ({ position, id }: OutboxRow): string => `${sortable(position)}${id}`

const toRow = (text: string | null | undefined): OutboxRow | null => (text === null || text === undefined ? null : (JSON.parse(text) as OutboxRow))

/** Reads of accepted sends. */
export function outboxReads(source: Source, keys: Keys) {
  return {
    async pending(sessionId: string, after: number, limit: number): Promise<OutboxRow[]> {
      const { outbox, outboxOrder } = keys.session(sessionId)
      const members = await source.members(outboxOrder, { after: sortable(after + 1), count: limit })
      return (await source.fields(outbox, members.map((member) => restAfter(member, 1)))).flatMap((text) => toRow(text) ?? [])
    },
    count: (sessionId: string): Promise<number> => source.size(keys.session(sessionId).outboxOrder),
  }
}

/** Moves accepted sends to another chat. */
export async function renameInOutbox(draft: Draft, from: string, to: string): Promise<void> {
  for (const [id, text] of await draft.hash(draft.keys.outbox)) {
    const row = toRow(text)
    if (row?.chatId === from) draft.put(draft.keys.outbox, id, JSON.stringify({ ...row, chatId: to }))
  }
}

/** Writes of accepted sends. */
export const outboxWrites: Writes<'outbox.put' | 'outbox.delete'> = {
  async 'outbox.put'({ draft }, { id, chatId, content, acceptedAt, expiresAt }) {
    if ((await draft.field(draft.keys.outbox, id)) !== null) return
    const row: OutboxRow = { id, position: draft.nextNumber(), chatId, content, acceptedAt, expiresAt }
    draft.put(draft.keys.outbox, id, JSON.stringify(row))
    draft.add(draft.keys.outboxOrder, memberOf(row))
  },
  async 'outbox.delete'({ draft }, { id }) {
    const row = toRow(await draft.field(draft.keys.outbox, id))
    if (row === null) return
    draft.drop(draft.keys.outbox, id)
    draft.take(draft.keys.outboxOrder, memberOf(row))
  },
}
