/** Remembers that something happened until somebody has waited for it. */
export interface Latch {
  ring(): void
  /** Resolves at the next ring, or at once for one that nobody has waited for yet, and when the signal aborts. */
  rung(): Promise<void>
}

/** A latch for one waiter at a time. */
export function makeLatch(signal: AbortSignal): Latch {
  let pending = false
  let wake: (() => void) | null = null
  const ring = (): void => {
    pending = true
    wake?.()
  }
  signal.addEventListener('abort', ring, { once: true })
  return {
    ring,
    async rung() {
      if (!pending && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      wake = null
      pending = false
    },
  }
}
