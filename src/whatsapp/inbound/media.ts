import type { MessageRow } from '../../store/store.ts'
import { toCount, toFileName, toHash, toMimetype } from './values.ts'

/** Longer than any recording: a hundred days. */
const MAX_DURATION_SECONDS = 8_640_000
/** More than any picture has, in pixels. */
const MAX_SIDE = 100_000

/** What every media message of WhatsApp may carry. */
export interface MediaFields {
  readonly mimetype?: string | null
  readonly fileName?: string | null
  readonly title?: string | null
  readonly fileLength?: unknown
  readonly fileSha256?: Uint8Array | null
  readonly seconds?: number | null
  readonly width?: number | null
  readonly height?: number | null
}

/** What is known of a media file, everything bounded: the sender may have written anything. */
export function toMedia(fields: MediaFields | null | undefined): MessageRow['media'] {
  if (!fields) return null
  return {
    mimetype: toMimetype(fields.mimetype),
    fileName: toFileName(fields.fileName) ?? toFileName(fields.title),
    sizeBytes: toCount(fields.fileLength),
    durationSeconds: toCount(fields.seconds, MAX_DURATION_SECONDS),
    width: toSide(fields.width),
    height: toSide(fields.height),
    sha256: toHash(fields.fileSha256),
  }
}

function toSide(value: unknown): number | null {
  const side = toCount(value, MAX_SIDE)
  return side === 0 ? null : side
}
