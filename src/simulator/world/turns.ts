/** Runs work with the same key one after another, and different keys side by side. */
export type Turns = <T>(key: string, work: () => Promise<T>) => Promise<T>

/** Makes an empty set of queues; a queue is forgotten when it runs dry. */
export const makeTurns = (): Turns => {
  const tails = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    const run = (tails.get(key) ?? Promise.resolve()).then(work)
    const tail = run.then(() => undefined, () => undefined)
    tails.set(key, tail)
    try {
      return await run
    } finally {
      if (tails.get(key) === tail) tails.delete(key)
    }
  }
}
