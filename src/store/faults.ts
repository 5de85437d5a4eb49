/** A start that must not go on; the message is a sentence that says why and what to do. */
export class StoreRefused extends Error {
  constructor(message: string, options?: { readonly cause: unknown }) {
    super(message, options)
    this.name = 'StoreRefused'
  }
}

/** The store failed while it ran; what was asked did not happen. `cause` is what the backend said, `code` its name for it, such as `SQLITE_FULL`. */
export class StoreFailed extends Error {
  readonly code: string | null

  constructor(message: string, options: { readonly cause?: unknown; readonly code?: string | null } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'StoreFailed'
    this.code = options.code ?? null
  }
}

/** What a store answers after `close`. */
export const storeClosed = (): StoreFailed => new StoreFailed('The store is closed.')

/** The caller does not own the session any more: nothing was written, and it must say nothing more in its name. */
export class Fenced extends StoreFailed {
  constructor() {
    super('Another node runs this session now.', { code: 'FENCED' })
    this.name = 'Fenced'
  }
}
