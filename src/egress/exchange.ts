import { EgressTimedOut, type Stage } from './failures.ts'

/** The life of one request, redirects and body included: it has one end, and whatever is under way learns of it at once. */
export interface Exchange {
  /** Aborted with what the caller is to be told. */
  readonly signal: AbortSignal
  /** Which part it is in, for the message of a time-out. */
  enter(stage: Stage): void
  abort(reason: unknown): void
  /** Over: no time-out and no abort reaches it any more. */
  finish(): void
}

/** Begins an exchange that may last so long; the caller's own signal, not yet aborted, ends it with its own reason. */
export function beginExchange(host: string, timeoutMs: number, caller: AbortSignal | undefined, onFinish: (exchange: Exchange) => void): Exchange {
  const controller = new AbortController()
  let stage: Stage = 'answer'
  const onCaller = (): void => exchange.abort(caller?.reason)
  // An answer that is here already when a busy process comes to look at the clock was in time: what waits to be read is read first.
  let lookAgain: NodeJS.Immediate | undefined
  const timer = setTimeout(() => {
    lookAgain = setImmediate(() => exchange.abort(new EgressTimedOut(stage, timeoutMs, { host })))
  }, timeoutMs)
  const exchange: Exchange = {
    signal: controller.signal,
    enter: (next) => (stage = next),
    abort(reason) {
      exchange.finish()
      controller.abort(reason)
    },
    finish() {
      clearTimeout(timer)
      clearImmediate(lookAgain)
      caller?.removeEventListener('abort', onCaller)
      onFinish(exchange)
    },
  }
  caller?.addEventListener('abort', onCaller, { once: true })
  return exchange
}
