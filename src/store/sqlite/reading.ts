import { faultOf, storeFailed } from './fault.ts'
import { StoreFailed } from '../faults.ts'
import { CursorInvalid } from '../store.ts'
import type { PendingCommit } from './pending.ts'
import type { Queue } from './queue.ts'

/** How the readers read: never past what was enqueued before, and never taking an error for "absent". */
export interface Reading {
  readonly pending: Queue['pending']
  /** Asks the database at once. */
  now<Answer>(ask: () => Answer): Answer
  /** Asks once this commit, if there is one, is durable. */
  after<Answer>(commit: PendingCommit | null, ask: () => Answer): Promise<Answer>
  /**
   * Asks once what touches these keys is durable. `namedIn` gives the keys of what the answer itself names: where a commit touches one of those,
   * the answer may be about to change, so it is asked for again after all that the session had enqueued.
   */
  point<Answer>(sessionId: string, keys: readonly string[], ask: () => Answer, namedIn?: (answer: Answer) => readonly string[]): Promise<Answer>
}

/** The reads of a store whose commits go through this queue; `place` is the data folder, for the words of errors. */
export function readingOf(queue: Queue, place: string): Reading {
  const { pending } = queue
  const now = <Answer>(ask: () => Answer): Answer => {
    queue.assertOpen()
    try {
      return ask()
    } catch (error) {
      if (error instanceof CursorInvalid || error instanceof StoreFailed) throw error
      throw storeFailed(faultOf(error), place)
    }
  }
  return {
    pending,
    now,
    async after(commit, ask) {
      queue.assertOpen()
      await commit?.settled()
      return now(ask)
    },
    async point(sessionId, keys, ask, namedIn) {
      queue.assertOpen()
      const last = pending.last(sessionId)
      if (last === null) return now(ask)
      await pending.touching(sessionId, keys)?.settled()
      const answer = now(ask)
      if (namedIn === undefined || pending.touching(sessionId, namedIn(answer)) === null) return answer
      await last.settled()
      return now(ask)
    },
  }
}
