/**
 * libsignal prints whole session records, private ratchet keys included, with console.info, warn and error
 * (libsignal 6.0.0, src/session_record.js and src/session_cipher.js). Whatever it prints is dropped and counted.
 */
const METHODS = ['log', 'info', 'warn', 'error'] as const
const FROM_SIGNAL = /[\\/]libsignal[\\/]/

let dropped = 0
/** Our own methods: whoever replaced one, as test runners do, gets it replaced again. */
const quiet = new WeakSet<object>()

/** How many lines of libsignal were kept off the console. */
export const droppedConsoleLines = (): number => dropped

/** Replaces the console's methods, where they are not ours yet; what is not libsignal's goes through unchanged. */
export function quietConsole(): void {
  for (const method of METHODS) {
    const print = console[method]
    if (quiet.has(print)) continue
    const filtered = (...args: unknown[]): void => {
      if (FROM_SIGNAL.test(callers())) dropped += 1
      else print.apply(console, args)
    }
    quiet.add(filtered)
    console[method] = filtered
  }
}

function callers(): string {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 4
  const { stack = '' } = new Error()
  Error.stackTraceLimit = limit
  return stack
}
