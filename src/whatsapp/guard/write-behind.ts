import type { Change, Store } from '../../store/store.ts'

/**
 * The writes of one connection: enqueued in order, visible to reads at once, durable later. Nobody waits for them but the frame
 * barrier, so a slow disk slows nothing that the barrier already orders. The first write that fails is told once, and no later one is taken.
 */
export interface WriteBehind {
  /** Enqueues the changes; they become durable together, after all that was enqueued before. */
  write(changes: readonly Change[]): void
  /** True when everything enqueued is durable. */
  idle(): boolean
  /** Resolves when everything enqueued so far is durable; rejects when a write failed. */
  settled(): Promise<void>
  /** A read failed: as after a failed write, nothing more is written and no frame leaves, since its sender may have taken the failure for an answer. */
  fail(error: Error): void
  /** The socket has ended and its follower may begin: whatever is still at work for it writes no more, and what it would have written comes again. */
  close(): void
}

/** Who waits for all writes up to a number. */
interface Waiter {
  readonly upTo: number
  readonly settled: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Writes of one session's connection. */
export function writeBehind(store: Store, sessionId: string, onFault: (error: Error) => void): WriteBehind {
  let numbers = 0
  /** Writes that are not durable, by their numbers, ascending. */
  const open = new Set<number>()
  /** In the order of their numbers, each number once: a promise a write costs more than the write. */
  const waiters: Waiter[] = []
  let fault: Error | null = null
  let closed = false

  function failed(error: unknown): void {
    if (fault) return
    fault = error instanceof Error ? error : new Error('the store failed')
    onFault(fault)
  }

  function durable(number: number): void {
    open.delete(number)
    const [oldest = Infinity] = open
    while (waiters[0] !== undefined && waiters[0].upTo < oldest) waiters.shift()?.resolve()
  }

  function refused(number: number, error: unknown): void {
    open.delete(number)
    failed(error)
    for (const waiter of waiters.splice(waiters.findIndex(({ upTo }) => upTo >= number) >>> 0)) waiter.reject(fault ?? new Error('the store failed'))
    durable(number)
  }

  function waiterFor(upTo: number): Waiter {
    let resolve = (): void => undefined
    let reject: Waiter['reject'] = () => undefined
    const settled = new Promise<void>((resolved, rejected) => {
      resolve = resolved
      reject = rejected
    })
    // Who waits hears of it; it may be that nobody does any more.
    settled.catch(() => undefined)
    return { upTo, settled, resolve, reject }
  }

  return {
    write(changes) {
      if (changes.length === 0) return
      if (fault) throw fault
      if (closed) throw new Error('the socket has ended')
      const number = ++numbers
      open.add(number)
      store.commit(sessionId, changes).then(() => durable(number), (error: unknown) => refused(number, error))
    },
    idle: () => open.size === 0 && fault === null,
    settled() {
      if (fault) return Promise.reject(fault)
      if (open.size === 0) return Promise.resolve()
      const last = waiters.at(-1)
      if (last?.upTo === numbers) return last.settled
      const waiter = waiterFor(numbers)
      waiters.push(waiter)
      return waiter.settled
    },
    fail: failed,
    close: () => void (closed = true),
  }
}
