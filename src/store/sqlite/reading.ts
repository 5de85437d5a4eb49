import { StoreFailed } from '../faults.ts'
import { readingOver, type Reading } from '../reading.ts'
import { CursorInvalid } from '../store.ts'
import { faultOf, storeFailed } from './fault.ts'
import type { Queue } from './queue.ts'

/** The reads of a store whose commits go through this queue; `place` is the data folder, for the words of errors. */
export function readingOf(queue: Queue, place: string): Reading {
  return readingOver(queue.pending, (ask) => {
    queue.assertOpen()
    try {
      return ask()
    } catch (error) {
      if (error instanceof CursorInvalid || error instanceof StoreFailed) throw error
      throw storeFailed(faultOf(error), place)
    }
  })
}
