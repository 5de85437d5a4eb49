import { node, now, type BinaryNode } from './node.ts'

/** The server's answer for a message: taken, or refused with a code. */
export const messageAck = (stanza: BinaryNode, error?: string): BinaryNode =>
  node('ack', { class: 'message', id: stanza.attrs['id'], from: stanza.attrs['to'], t: now(), error })
