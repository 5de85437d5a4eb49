/**
 * libsignal prints whole session records, private ratchet keys included, with console.info, warn and error
 * (libsignal 6.0.0, src/session_record.js and src/session_cipher.js). Whatever it prints is dropped and counted.
 */
const METHODS = ['log', 'info', 'warn', 'error'] as const
const FROM_SIGNAL = /[\\/]libsignal[\\/]/

let dropped = 0
const quieted = new WeakSet<Console>()

/** How many lines of libsignal were kept off the console. */
export const droppedConsoleLines = (): number => dropped

/** Replaces the console's methods, once for each console that the process has; what is not libsignal's goes through unchanged. */
export function quietConsole(): void {
  if (quieted.has(console)) return
  quieted.add(console)
  for (const method of METHODS) {
    const print = console[method].bind(console)
    console[method] = (...args: unknown[]): void => {
      if (FROM_SIGNAL.test(callers())) dropped += 1
      else print(...args)
    }
  }
}

function callers(): string {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 4
  const { stack = '' } = new Error()
  Error.stackTraceLimit = limit
  return stack
}
