import type { StanzaContext } from '../index.ts'
import { children, failure, type BinaryNode } from '../node.ts'
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
