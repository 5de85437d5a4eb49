import type { Account, Companion } from '../world/accounts.ts'
import type { World } from '../world/world.ts'
import type { Connection } from '../wire/connection.ts'
import { takeAck } from './ack.ts'
import { takeCall } from './call.ts'
import { takeInfo } from './ib.ts'
import { answerIq } from './iq/index.ts'
import { takeMessage } from './message.ts'
import { node, type BinaryNode } from './node.ts'
import { takeChatState, takePresence } from './presence.ts'
import { takeReceipt } from './receipt.ts'

/** Who sent a stanza, and the world it came into. */
export type StanzaContext = {
  world: World
  connection: Connection
  account: Account
  device: Companion
}

/** Handles one stanza of a logged-in client; its reply, if any, goes back to that client. */
export type StanzaHandler = (
  context: StanzaContext,
  stanza: BinaryNode,
) => BinaryNode | undefined | Promise<BinaryNode | undefined>

/** Stanzas by tag. A tag that is not here is loud. */
const handlers: Record<string, StanzaHandler> = {
  iq: answerIq,
  message: takeMessage,
  receipt: takeReceipt,
  ack: takeAck,
  call: takeCall,
  presence: takePresence,
  chatstate: takeChatState,
  ib: takeInfo,
}

/** Routes one stanza; an unknown tag is logged, counted and nacked. */
export const handleStanza: StanzaHandler = (context, stanza) => {
  const handler = handlers[stanza.tag]
  if (handler) return handler(context, stanza)
  context.world.unknown.report(stanza.tag, stanza)
  if (!stanza.attrs['id']) return undefined
  return node('ack', { class: stanza.tag, id: stanza.attrs['id'], to: stanza.attrs['from'], error: '501' })
}
