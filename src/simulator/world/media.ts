import { createHash } from 'node:crypto'
import { createMediaShelf } from './media-shelf.ts'
import type { MediaShelf, StoredBlob } from './media-shelf.ts'

/** Largest body the media host takes, which is WhatsApp's own bound for a document. */
export const MAX_BLOB_BYTES = 2 * 1024 * 1024 * 1024

/** Why a body was not stored, as the HTTP status that says so. */
export class BlobRefused extends Error {
  readonly statusCode: 400 | 413
  constructor(message: string, statusCode: 400 | 413) {
    super(message)
    this.name = 'BlobRefused'
    this.statusCode = statusCode
  }
}

/** Encrypted blobs by the hash of what is stored: all that WhatsApp's media servers know of a picture. */
export type MediaStore = {
  /** Stores a body and answers its direct path; a hash that does not fit the body refuses it. */
  store: (body: AsyncIterable<Uint8Array>, kind: string, expectedSha256?: string) => Promise<string>
  /** The blob under a direct path (its query is ignored), or undefined when there is none or it is gone. */
  find: (directPath: string) => Promise<StoredBlob | undefined>
  /** Makes a direct path answer 404 from now on, as WhatsApp does after some weeks; false for an unknown one. */
  expire: (directPath: string) => Promise<boolean>
  /** What the phone does when asked for expired media: the same blob under a new direct path. */
  renew: (directPath: string) => Promise<string | undefined>
  /** Forgets every blob. */
  clear: () => void
}

// What WhatsApp's own paths carry for each kind of media.
const PATH_CODES: Record<string, string> = {
  image: 't62.7118-24', video: 't62.7161-24', audio: 't62.7117-24', document: 't62.7119-24',
  'md-app-state': 't62.36145-24', photo: 't61.24694-24',
}
const DIRECT_PATH = /^\/v\/(?<code>[a-z0-9.-]+)\/(?<generation>\d+)_(?<hash>[A-Za-z0-9_-]{43})_n\.enc$/

const toDirectPath = (code: string, generation: number, hash: string): string => `/v/${code}/${generation}_${hash}_n.enc?ccb=11-4`

const parseDirectPath = (directPath: string): { code: string; generation: number; hash: string } | undefined => {
  const groups = DIRECT_PATH.exec(directPath.split('?')[0] ?? '')?.groups
  if (groups?.['code'] === undefined || groups['hash'] === undefined) return undefined
  return { code: groups['code'], generation: Number(groups['generation']), hash: groups['hash'] }
}

async function* bounded(body: AsyncIterable<Uint8Array>, onChunk: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0
  for await (const chunk of body) {
    sizeBytes += chunk.length
    if (sizeBytes > MAX_BLOB_BYTES) throw new BlobRefused(`A body holds at most ${MAX_BLOB_BYTES} bytes.`, 413)
    onChunk(chunk)
    yield chunk
  }
}

/** Opens the blobs under a directory, or in memory without one. */
export const openMediaStore = (directory?: string): MediaStore => {
  const shelf: MediaShelf = createMediaShelf(directory)
  return {
    store: async (body, kind, expectedSha256) => {
      const hasher = createHash('sha256')
      const draft = await shelf.draft(bounded(body, (chunk) => hasher.update(chunk)))
      const hash = hasher.digest('base64url')
      if (expectedSha256 !== undefined && expectedSha256 !== hash) {
        await draft.discard()
        throw new BlobRefused('The body does not have the hash that its path names.', 400)
      }
      await draft.keep(hash)
      const held = await shelf.label(hash)
      // A blob that expired and is uploaded anew gets a new path: the old one stays gone.
      const generation = held.gone ? held.generation + 1 : held.generation
      if (held.gone) await shelf.relabel(hash, { generation, gone: false })
      return toDirectPath(PATH_CODES[kind] ?? 't62.7119-24', generation, hash)
    },
    find: async (directPath) => {
      const path = parseDirectPath(directPath)
      if (path === undefined) return undefined
      const label = await shelf.label(path.hash)
      if (label.gone || label.generation !== path.generation) return undefined
      return shelf.open(path.hash)
    },
    expire: async (directPath) => {
      const path = parseDirectPath(directPath)
      if (path === undefined || (await shelf.open(path.hash)) === undefined) return false
      await shelf.relabel(path.hash, { generation: path.generation, gone: true })
      return true
    },
    renew: async (directPath) => {
      const path = parseDirectPath(directPath)
      if (path === undefined || (await shelf.open(path.hash)) === undefined) return undefined
      const label = await shelf.label(path.hash)
      const generation = label.gone ? label.generation + 1 : label.generation
      await shelf.relabel(path.hash, { generation, gone: false })
      return toDirectPath(path.code, generation, path.hash)
    },
    clear: () => shelf.clear(),
  }
}
