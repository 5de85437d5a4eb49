/** Bounds how much is under way to one endpoint, over all sessions. */
export interface Gate {
  /** Resolves when one more may go, in the order of the calls, or when the signal aborts; the answer is told how long the attempt took. */
  enter(signal: AbortSignal): Promise<(durationMs: number) => void>
  /** How many may be under way now. */
  limit(): number
}

/** A process that has just begun is slow itself. */
const FIRST = 8
const LEAST = 8
const MOST = 1024
/** The weight of the last attempt in the mean. */
const WEIGHT = 0.1
const SHRINK = 0.97
const GROW = 0.5

/**
 * An endpoint that answers in good time gets as much as its sessions have. One whose answers come close to the time-out is asked too much at once:
 * it gets less, before its late answers are taken for failures and everything is sent to it again. Time-outs count as what they took.
 */
export function gateOf(timeoutMs: number): Gate {
  const waiting: (() => void)[] = []
  let limit = FIRST
  let meanMs = 0
  let inside = 0

  const hasRoom = (): boolean => inside < Math.floor(limit)
  const letIn = (): void => {
    while (hasRoom()) {
      const next = waiting.shift()
      if (next === undefined) return
      next()
    }
  }

  function leave(durationMs: number): void {
    inside -= 1
    meanMs += WEIGHT * (durationMs - meanMs)
    if (meanMs > timeoutMs / 2) limit = Math.max(LEAST, limit * SHRINK)
    else if (meanMs < timeoutMs / 4) limit = Math.min(MOST, limit + GROW)
    letIn()
  }

  return {
    enter: (signal) =>
      new Promise((resolve) => {
        const go = (): void => {
          signal.removeEventListener('abort', giveUp)
          inside += 1
          resolve(leave)
        }
        const giveUp = (): void => {
          const place = waiting.indexOf(go)
          if (place >= 0) waiting.splice(place, 1)
          go()
        }
        signal.addEventListener('abort', giveUp, { once: true })
        if (signal.aborted) go()
        else {
          waiting.push(go)
          letIn()
        }
      }),
    limit: () => Math.floor(limit),
  }
}
