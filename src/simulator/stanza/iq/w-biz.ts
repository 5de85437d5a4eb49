import { child, node, result } from '../node.ts'
import type { IqHandler } from './index.ts'

/** `w:biz` get: nobody here is a business, so no profile has anything in it. */
export const answerBusiness: IqHandler = (_context, iq) =>
  iq.attrs['type'] === 'get' && child(iq, 'business_profile') ? result(iq, [node('business_profile')]) : undefined
