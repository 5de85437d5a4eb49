import { child, result } from '../node.ts'
import type { IqHandler } from './index.ts'

/** `w:p`: the keep-alive ping of every 30 s. */
export const answerPing: IqHandler = (_context, iq) =>
  child(iq, 'ping') || iq.content === undefined ? result(iq) : undefined
