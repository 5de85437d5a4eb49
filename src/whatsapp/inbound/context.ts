import type { Directory } from './directory.ts'

/** What a converter may know besides the event. */
export interface InboundContext {
  readonly directory: Directory
  /** Unix milliseconds. */
  readonly nowMs: number
  /** True for an id that this gateway chose for a message it sends. */
  sentHere(messageId: string): boolean
  /** False leaves `raw` out: for a dry run that only asks what is needed. */
  readonly encode: boolean
}
