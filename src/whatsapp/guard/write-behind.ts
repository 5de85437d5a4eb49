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
}

/** Writes of one session's connection. */
export function writeBehind(store: Store, sessionId: string, onFault: (error: Error) => void): WriteBehind {
  let outstanding = 0
  let last: Promise<void> = Promise.resolve()
  let fault: Error | null = null

  function failed(error: unknown): void {
    if (fault) return
    fault = error instanceof Error ? error : new Error('the store failed')
    onFault(fault)
  }

  return {
    write(changes) {
      if (changes.length === 0) return
      if (fault) throw fault
      outstanding += 1
      const commit = store.commit(sessionId, changes)
      last = Promise.all([last, commit]).then(() => undefined)
      last.catch(() => undefined)
      commit.catch(failed).finally(() => {
        outstanding -= 1
      })
    },
    idle: () => outstanding === 0 && fault === null,
    settled: () => last,
    fail(error) {
      if (fault) return
      last = Promise.reject(error)
      last.catch(() => undefined)
      failed(error)
    },
  }
}
