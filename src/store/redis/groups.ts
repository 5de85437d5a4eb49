import type { GroupRow } from '../store.ts'
import type { Writes } from './commit.ts'
import type { Keys } from './keys.ts'
import type { Source } from './source.ts'

/** Reads of groups. */
export function groupReads(source: Source, keys: Keys) {
  return {
    async get(sessionId: string, id: string): Promise<GroupRow | null> {
      const text = await source.field(keys.session(sessionId).groups, id)
      return text === null ? null : (JSON.parse(text) as GroupRow)
    },
  }
}

/** Writes of groups. */
export const groupWrites: Writes<'group.put' | 'group.delete'> = {
  'group.put': ({ draft }, { group }) => draft.put(draft.keys.groups, group.id, JSON.stringify(group)),
  'group.delete': ({ draft }, { id }) => draft.drop(draft.keys.groups, id),
}
