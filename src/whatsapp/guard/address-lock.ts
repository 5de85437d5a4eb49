/**
 * One Signal operation at a time on an address, in the whole process: libsignal queues its jobs by address for all sessions
 * together and runs them in the first caller's async context (libsignal 6.0.0, src/queue_job.js), so two sessions that
 * talk to one contact would write into each other's transactions.
 */
const tails = new Map<string, Promise<unknown>>()

/** Runs the work when every earlier work on the address is over. */
export async function withAddress<T>(address: string, work: () => Promise<T>): Promise<T> {
  const before = tails.get(address) ?? Promise.resolve()
  const turn = before.then(work, work)
  tails.set(address, turn)
  try {
    return await turn
  } finally {
    if (tails.get(address) === turn) tails.delete(address)
  }
}
