import type { Fault } from './fault.ts'
import type { WriterCommit } from './protocol.ts'

/** Remembers which sessions' commits the disk did not take, and what must not be written for that. */
export interface FollowUps {
  /** Why this commit must not be written: an earlier one of its session failed, and who enqueued this one could not know. */
  refusal(commit: WriterCommit): Fault | null
  failed(commit: WriterCommit, fault: Fault): void
}

/**
 * What was enqueued behind a commit that the disk did not take may build on it (the next step of a ratchet, say, whose earlier message
 * would then be lost for good): should the disk recover meanwhile, it fails too, until the caller has been told.
 */
export function followUps(): FollowUps {
  const last = new Map<string, { readonly number: number; readonly fault: Fault }>()
  return {
    refusal({ sessionId, told }) {
      const failure = last.get(sessionId)
      if (failure === undefined) return null
      if (told < failure.number) return failure.fault
      last.delete(sessionId)
      return null
    },
    failed: ({ sessionId, number }, fault) => void last.set(sessionId, { number, fault }),
  }
}
