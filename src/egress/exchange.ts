import { EgressTimedOut, type Stage } from './failures.ts'

/** The life of one request, redirects and body included: it has one end, and whoever waits learns of it at once. */
export interface Exchange {
  readonly signal: AbortSignal
  /** Which part it is in, for the message of a time-out. */
  enter(stage: Stage): void
  /** The promise's outcome, or the exchange's own end where that comes first. */
  within<T>(promise: Promise<T>): Promise<T>
  abort(reason: unknown): void
  /** Over: no time-out and no abort reaches it any more. */
  finish(): void
}

/** Begins an exchange that may last so long; the caller's own signal, not yet aborted, ends it with its own reason. */
export function beginExchange(host: string, timeoutMs: number, caller: AbortSignal | undefined, onFinish: (exchange: Exchange) => void): Exchange {
  const controller = new AbortController()
  let stage: Stage = 'answer'
  const onCaller = (): void => exchange.abort(caller?.reason)
  const timer = setTimeout(() => exchange.abort(new EgressTimedOut(stage, timeoutMs, { host })), timeoutMs)
  const exchange: Exchange = {
    signal: controller.signal,
    enter: (next) => (stage = next),
    within: (promise) => race(promise, controller.signal),
    abort(reason) {
      controller.abort(reason)
      exchange.finish()
    },
    finish() {
      clearTimeout(timer)
      caller?.removeEventListener('abort', onCaller)
      onFinish(exchange)
    },
  }
  caller?.addEventListener('abort', onCaller, { once: true })
  return exchange
}

/** The HTTP client does not tell a request that waits for its connection of an abort, so the wait itself must end. */
async function race<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let onAbort = (): void => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
