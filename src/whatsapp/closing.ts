/** What the work gives, or null as soon as the gateway begins to close: a caller who waits shall have an answer. */
export async function unlessClosing<T>(work: Promise<T>, closing: AbortSignal): Promise<T | null> {
  if (closing.aborted) return Promise.race([work, Promise.resolve(null)])
  let listen = (): void => undefined
  const closed = new Promise<null>((resolve) => {
    listen = () => resolve(null)
    closing.addEventListener('abort', listen, { once: true })
  })
  try {
    return await Promise.race([work, closed])
  } finally {
    closing.removeEventListener('abort', listen)
  }
}
