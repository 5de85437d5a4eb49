import type { WASocket } from '@whiskeysockets/baileys'

/** A close that takes longer than this is cut: the server may be silent. */
const CLOSE_GRACE_MS = 2000

/** The part of Baileys' WebSocketClient that ends a connection. */
interface Closing {
  readonly socket: { terminate(): void } | null
  close(): Promise<void>
}

/**
 * Baileys waits for the closing handshake before it tells that a connection ended (lib/Socket/Client/websocket.js, close), and with
 * a silent server that takes half a minute, in which the session would still look open. Here the TCP connection is cut instead.
 */
export function boundClose(socket: WASocket): void {
  const client = socket.ws as unknown as Closing
  const close = client.close.bind(client)
  client.close = async () => {
    const wire = client.socket
    const cut = setTimeout(() => wire?.terminate(), CLOSE_GRACE_MS)
    try {
      await close()
    } finally {
      clearTimeout(cut)
    }
  }
}
