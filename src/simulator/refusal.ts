/** Why a verb of the simulator could not be done. */
export type RefusalCode = 'QR_UNKNOWN' | 'CODE_UNKNOWN' | 'CODE_WRONG' | 'LINK_ABORTED' | 'NOT_FOUND' | 'BAD_REQUEST'

/** A verb that could not be done, in words for whoever operates the simulator. */
export class Refusal extends Error {
  readonly code: RefusalCode

  constructor(code: RefusalCode, words: string) {
    super(words)
    this.name = 'Refusal'
    this.code = code
  }
}
