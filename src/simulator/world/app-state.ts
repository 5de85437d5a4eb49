import { proto } from '@whiskeysockets/baileys'
import type { Storage } from './storage.ts'

/** The collections of synchronised settings, by WhatsApp's names. */
export const APP_STATE_COLLECTIONS = ['critical_block', 'critical_unblock_low', 'regular_high', 'regular_low', 'regular'] as const

/** One of these collections. */
export type AppStateCollection = (typeof APP_STATE_COLLECTIONS)[number]

/** A page of patches in order of version. */
export type PatchPage = { version: number; patches: Buffer[]; hasMore: boolean }

/** Per account and collection a version and the patches that led to it, opaque to the server. */
export type AppStates = {
  version(lid: string, name: AppStateCollection): number
  /** The patches after a version; a version from the future gets none. */
  after(lid: string, name: AppStateCollection, version: number): PatchPage
  /** Appends a patch made upon this version and answers the new one; undefined when another came first. */
  append(lid: string, name: AppStateCollection, version: number, patch: Uint8Array): number | undefined
}

/** How many patches one answer carries. */
export const PATCHES_PER_PAGE = 100

/** Whether a name is one of the collections. */
export const isAppStateCollection = (name: string | undefined): name is AppStateCollection =>
  APP_STATE_COLLECTIONS.some((known) => known === name)

const keyOf = (lid: string, name: string): string => `${lid}/${name}`

/** Opens the collections kept in the world's storage. */
export const openAppStates = (storage: Storage): AppStates => {
  const versions = storage.collection<number>('app-state')
  const patches = storage.blobs('app-patches')
  const version = (lid: string, name: AppStateCollection): number => versions.get(keyOf(lid, name)) ?? 0
  return {
    version,
    after: (lid, name, from) => {
      const current = version(lid, name)
      const last = Math.min(current, from + PATCHES_PER_PAGE)
      const page: Buffer[] = []
      for (let wanted = from + 1; wanted <= last; wanted++) {
        const patch = patches.get(`${keyOf(lid, name)}/${wanted}`)
        if (patch !== undefined) page.push(patch)
      }
      return { version: Math.max(last, Math.min(from, current)), patches: page, hasMore: last < current }
    },
    append: (lid, name, from, patch) => {
      if (from !== version(lid, name)) return undefined
      const next = from + 1
      // A patch says its own version from here on: readers get many at once.
      const numbered = proto.SyncdPatch.decode(patch)
      numbered.version = { version: next }
      patches.put(`${keyOf(lid, name)}/${next}`, proto.SyncdPatch.encode(numbered).finish())
      versions.set(keyOf(lid, name), next)
      return next
    },
  }
}
