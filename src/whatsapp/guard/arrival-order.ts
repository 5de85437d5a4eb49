import type { BinaryNode, WASocket } from '@whiskeysockets/baileys'

type Listener = (stanza: BinaryNode) => unknown

/**
 * Handles one message stanza after the other. Baileys learns a sender's addresses, which may wait for another session's work on the
 * same person, before it takes its own turn (lib/Socket/messages-recv.js, handleMessage): a live message would overtake an earlier one of the chat.
 */
export function keepArrivalOrder(socket: WASocket): void {
  const listeners = socket.ws.listeners('CB:message') as Listener[]
  const [handle] = listeners
  if (handle === undefined || listeners.length !== 1) throw new Error('this version of Baileys does not take messages where it is expected to')
  let tail: Promise<unknown> = Promise.resolve()
  socket.ws.removeAllListeners('CB:message')
  socket.ws.on('CB:message', (stanza: BinaryNode) => {
    tail = tail.then(() => handle(stanza)).catch(() => undefined)
  })
}
