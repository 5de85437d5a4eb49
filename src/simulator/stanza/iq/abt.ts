import { child, node, result } from '../node.ts'
import type { IqHandler } from './index.ts'

/** `abt` (`w` for older clients): experiment switches; there are none here. */
export const answerAbt: IqHandler = (_context, iq) =>
  child(iq, 'props') ? result(iq, [node('props', { hash: '0', refresh: '86400' })]) : undefined
