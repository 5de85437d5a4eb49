import { once, EventEmitter } from 'node:events'

/** Hands out a load in pieces, so that it lasts as long as the faults do. */
export interface Pace {
  /** Lets so many more go. */
  allow(count: number): void
  /** Everything may go. */
  allowAll(): void
  /** Resolves when one more may go. */
  turn(): Promise<void>
}

/** A pace at which nothing goes yet. */
export function pace(): Pace {
  const bell = new EventEmitter().setMaxListeners(0)
  let left = 0
  return {
    allow(count) {
      left += count
      bell.emit('allowed')
    },
    allowAll() {
      left = Infinity
      bell.emit('allowed')
    },
    async turn() {
      for (;;) {
        if (left >= 1) break
        await once(bell, 'allowed')
      }
      left -= 1
    },
  }
}
