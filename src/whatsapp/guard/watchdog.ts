import type { WASocket } from '@whiskeysockets/baileys'

/** How long a socket that is neither open nor showing a code may be silent. */
const SILENCE_MS = 30_000
/** How long a login may take in all: four queries of 15 s each, and some more. */
const LOGIN_MS = 90_000

/** What the watchdog hears of the connection. */
export interface Watchdog {
  /** The socket is open or shows a code: nothing to watch. */
  rest(): void
  stop(): void
}

/**
 * Ends a connection attempt that hangs: an HTTP error at the upgrade never closes nor errors in Baileys,
 * and a server that accepts the socket may stay silent.
 */
export function watchConnect(socket: WASocket, giveUp: (reason: string) => void): Watchdog {
  const login = setTimeout(() => giveUp('the login took too long'), LOGIN_MS)
  let silence = setTimeout(silent, SILENCE_MS)
  function silent(): void {
    giveUp('the server is silent')
  }
  function heard(): void {
    clearTimeout(silence)
    silence = setTimeout(silent, SILENCE_MS)
  }
  const refused = (_request: unknown, response: { statusCode?: number }): void => giveUp(`the server refused the connection with HTTP ${response.statusCode ?? 'error'}`)
  function rest(): void {
    clearTimeout(login)
    clearTimeout(silence)
    socket.ws.off('frame', heard)
  }
  socket.ws.on('frame', heard)
  socket.ws.on('unexpected-response', refused)
  return {
    rest,
    stop() {
      rest()
      socket.ws.off('unexpected-response', refused)
    },
  }
}
