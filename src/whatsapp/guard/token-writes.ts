import type { SignalKeyStore, WASocket } from '@whiskeysockets/baileys'

/**
 * Baileys stores the token that it gave to a contact when the send's transaction is long over, but still in its context
 * (lib/Socket/messages-send.js, relayMessage, and lib/Utils/auth-utils.js): the write is dropped, so that every later message gives
 * the contact another one. Here tokens are read and written past the socket's transactions; nothing else belongs together with them.
 */
export function keepTokens(socket: WASocket, stored: SignalKeyStore): void {
  const keys = socket.authState.keys
  const { get, set } = keys
  keys.get = (type, ids) => (type === 'tctoken' ? stored : { get }).get(type, ids)
  keys.set = async ({ tctoken, ...rest }) => {
    if (tctoken) await stored.set({ tctoken })
    if (Object.keys(rest).length > 0) await set(rest)
  }
}
