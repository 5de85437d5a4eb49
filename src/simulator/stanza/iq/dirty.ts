import { child, result } from '../node.ts'
import type { IqHandler } from './index.ts'

/** `urn:xmpp:whatsapp:dirty`: the client has fetched anew what was marked dirty. */
export const answerDirty: IqHandler = (_context, iq) => (child(iq, 'clean') ? result(iq) : undefined)
