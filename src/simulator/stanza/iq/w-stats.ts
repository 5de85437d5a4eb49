import { child, result } from '../node.ts'
import type { IqHandler } from './index.ts'

/** `w:stats`: a client's own statistics; taken and thrown away, as nobody here reads them. */
export const answerStats: IqHandler = (_context, iq) => (child(iq, 'add') ? result(iq) : undefined)
