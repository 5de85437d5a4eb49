import type { BinaryNode, WASocket } from '@whiskeysockets/baileys'

/** Bot messages are acknowledged unread, so nobody ever tries them. */
const NEVER_TRIED = 'msmsg'

/** The message stanzas of one socket between their arrival and their decryption. */
export interface Arrivals {
  /** The stanza that a ciphertext came in; by identity, since Baileys hands on the buffer it was given. */
  stanzaOf(ciphertext: Uint8Array): BinaryNode | undefined
  /** The ciphertext was tried: its stanza, and those before it, wait no longer. */
  tried(ciphertext: Uint8Array): void
}

/**
 * Remembers the stanza of each ciphertext, and keeps live messages behind the offline ones: Baileys handles offline stanzas one
 * by one and live ones at once (lib/Utils/offline-node-processor.js), so a live message would overtake. While an offline
 * stanza waits, a live one is marked so that it joins the same queue; marking every message would cost each 50 ms.
 */
export function watchArrivals(socket: WASocket): Arrivals {
  const stanzas = new WeakMap<Uint8Array, BinaryNode>()
  const waiting: BinaryNode[] = []

  socket.ws.prependListener('CB:message', (stanza: BinaryNode) => {
    const sealed = Array.isArray(stanza.content) ? stanza.content.filter(({ tag, attrs }) => tag === 'enc' && attrs['type'] !== NEVER_TRIED) : []
    for (const { content } of sealed) if (content instanceof Uint8Array) stanzas.set(content, stanza)
    if (sealed.length === 0) return
    if (stanza.attrs['offline'] === undefined) {
      if (waiting.length === 0) return
      stanza.attrs['offline'] = '0'
    }
    waiting.push(stanza)
  })

  return {
    stanzaOf: (ciphertext) => stanzas.get(ciphertext),
    tried(ciphertext) {
      const stanza = stanzas.get(ciphertext)
      const index = stanza ? waiting.indexOf(stanza) : -1
      if (index >= 0) waiting.splice(0, index + 1)
    },
  }
}
