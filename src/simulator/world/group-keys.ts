import type { Account, Device } from './accounts.ts'
import type { Storage } from './storage.ts'

/** Which devices a phone has given its sender key of a group. */
export type GroupKeys = {
  isKnown(writer: Account, group: string, to: Device): boolean
  /** Keys of the devices that know it. */
  holders(writer: Account, group: string): string[]
  note(writer: Account, group: string, to: Device): void
  /** Forgets who knows it, so that everybody gets it again. */
  forget(writer: Account, group: string): void
}

/** Opens the register kept in storage. */
export const openGroupKeys = (storage: Storage): GroupKeys => {
  const rows = storage.collection<Set<string>>('group-keys')
  const key = (writer: Account, group: string): string => `${writer.lid}/${group}`
  return {
    isKnown: (writer, group, to) => rows.get(key(writer, group))?.has(to.key) === true,
    holders: (writer, group) => [...(rows.get(key(writer, group)) ?? [])],
    note: (writer, group, to) => {
      const known = rows.get(key(writer, group)) ?? new Set()
      if (known.has(to.key)) return
      rows.set(key(writer, group), known.add(to.key))
    },
    forget: (writer, group) => void rows.delete(key(writer, group)),
  }
}
