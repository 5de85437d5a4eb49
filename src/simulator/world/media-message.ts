import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { getMediaKeys } from '@whiskeysockets/baileys'
import type { MediaType } from '@whiskeysockets/baileys'
import { toMediaUrl } from '../media-host.ts'
import type { MediaStore } from './media.ts'

/** The fields that every media message shares: where the blob lies and how it is read. */
export type MediaFields = {
  url: string
  directPath: string
  mediaKey: Uint8Array
  fileSha256: Uint8Array
  fileEncSha256: Uint8Array
  fileLength: number
}

// The first bytes of the HMAC that end a blob.
const MAC_BYTES = 10
const PATH_KINDS: Partial<Record<MediaType, string>> = { sticker: 'image', ptt: 'audio', ptv: 'video', gif: 'video', 'md-msg-hist': 'md-app-state' }

/** Encrypts a file as a phone does and stores it: AES-256-CBC and ten bytes of HMAC, keys derived from a fresh media key. */
export const storeMedia = async (store: MediaStore, file: Uint8Array, type: MediaType): Promise<MediaFields> => {
  const mediaKey = randomBytes(32)
  const { iv, cipherKey, macKey } = await getMediaKeys(mediaKey, type)
  if (macKey === undefined || macKey === null) throw new Error('A media key gives no MAC key.')
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv)
  const ciphertext = Buffer.concat([cipher.update(file), cipher.final()])
  const mac = createHmac('sha256', macKey).update(iv).update(ciphertext).digest().subarray(0, MAC_BYTES)
  const blob = Buffer.concat([ciphertext, mac])
  const chunks = async function* (): AsyncGenerator<Uint8Array> { yield blob }
  const directPath = await store.store(chunks(), PATH_KINDS[type] ?? type)
  return {
    url: toMediaUrl(directPath),
    directPath,
    mediaKey,
    fileSha256: createHash('sha256').update(file).digest(),
    fileEncSha256: createHash('sha256').update(blob).digest(),
    fileLength: file.length,
  }
}
