import type { StanzaContext } from '../index.ts'
import { children, failure, type BinaryNode } from '../node.ts'
import { answerAbt } from './abt.ts'
import { answerBlocklist } from './blocklist.ts'
import { answerBusiness } from './w-biz.ts'
import { answerDirty } from './dirty.ts'
import { answerDisappearingMode } from './disappearing-mode.ts'
import { answerEncrypt } from './encrypt.ts'
import { answerMultiDevice } from './md.ts'
import { answerMex } from './w-mex.ts'
import { answerPassive } from './passive.ts'
import { answerPrivacy } from './privacy.ts'
import { answerStats } from './w-stats.ts'
import { answerStatus } from './status.ts'
import { answerUsync } from './usync.ts'
import { answerGroups } from './w-g2.ts'
import { answerMediaConnection } from './w-m.ts'
import { answerPicture } from './w-profile-picture.ts'
import { answerAppState } from './w-sync-app-state.ts'
import { answerPing } from './w-p.ts'

/** An iq's answer; 'answered' when the handler sent it itself, undefined for a request it does not name. */
export type IqAnswer = BinaryNode | 'answered' | undefined

/** Answers one iq, or returns undefined for a request it does not name: that one is loud. */
export type IqHandler = (context: StanzaContext, iq: BinaryNode) => IqAnswer | Promise<IqAnswer>

/** Requests by xmlns. A namespace that is not here is loud. */
const handlers: Record<string, IqHandler> = {
  'w:p': answerPing,
  abt: answerAbt,
  w: answerAbt,
  blocklist: answerBlocklist,
  disappearing_mode: answerDisappearingMode,
  encrypt: answerEncrypt,
  md: answerMultiDevice,
  passive: answerPassive,
  privacy: answerPrivacy,
  status: answerStatus,
  usync: answerUsync,
  'urn:xmpp:whatsapp:dirty': answerDirty,
  'w:biz': answerBusiness,
  'w:mex': answerMex,
  'w:stats': answerStats,
  'w:g2': answerGroups,
  'w:m': answerMediaConnection,
  'w:sync:app:state': answerAppState,
  'w:profile:picture': answerPicture,
}

const NOT_IMPLEMENTED = 501

/** What an iq asks, without its content: `get usync/query`. */
const question = (iq: BinaryNode): string =>
  `iq ${iq.attrs['type'] ?? '?'} ${iq.attrs['xmlns'] ?? '?'} ${children(iq)[0]?.tag ?? ''}`.trim()

/** Routes a request by its namespace; what nobody names is refused with 501, logged and counted. */
export const answerIq = async (context: StanzaContext, iq: BinaryNode): Promise<BinaryNode | undefined> => {
  const type = iq.attrs['type']
  if (type === 'result' || type === 'error') return undefined
  const handler = handlers[iq.attrs['xmlns'] ?? '']
  const answer = handler && (await handler(context, iq))
  if (answer === 'answered') return undefined
  if (answer) return answer
  context.world.unknown.report(question(iq), iq)
  return failure(iq, NOT_IMPLEMENTED, 'feature-not-implemented')
}
