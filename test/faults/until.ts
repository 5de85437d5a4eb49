import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 100

/** Looks until it is done or the time is over, and answers the last look: the checker tells what is lacking. */
export async function until<T>(look: () => Promise<{ value: T; done: boolean }> | { value: T; done: boolean }, withinMs: number, everyMs = POLL_MS): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const { value, done } = await look()
    if (done || Date.now() > deadline) return value
    await delay(everyMs)
  }
}
