import { once } from 'node:events'

/** What the work gives, or null as soon as the gateway begins to close: a caller who waits shall have an answer. */
export async function unlessClosing<T>(work: Promise<T>, closing: AbortSignal): Promise<T | null> {
  const over = new AbortController()
  const closed = closing.aborted ? null : once(closing, 'abort', { signal: over.signal }).then(() => null, () => null)
  try {
    return await Promise.race([work, closed])
  } finally {
    over.abort()
  }
}
