import type { MediaStore } from './media.ts'
import type { Storage } from './storage.ts'

/** A profile picture: its id changes with it, the image lies unencrypted on the media host. */
export type Picture = { id: string; directPath: string }

/** Pictures of people (by LID user) and groups (by id). */
export type Pictures = {
  get(subject: string): Picture | undefined
  set(subject: string, image: Uint8Array): Promise<Picture>
  remove(subject: string): boolean
}

/** Opens the pictures kept in the world's storage. */
export const openPictures = (storage: Storage, media: MediaStore): Pictures => {
  const rows = storage.collection<Picture>('pictures')
  return {
    get: (subject) => rows.get(subject),
    set: async (subject, image) => {
      const chunks = async function* (): AsyncGenerator<Uint8Array> { yield image }
      const directPath = await media.store(chunks(), 'photo')
      // Ids grow with time, and two changes in one millisecond still differ.
      const last = Number(rows.get(subject)?.id ?? 0)
      const picture = { id: String(Math.max(Date.now(), last + 1)), directPath }
      rows.set(subject, picture)
      return picture
    },
    remove: (subject) => rows.delete(subject),
  }
}
