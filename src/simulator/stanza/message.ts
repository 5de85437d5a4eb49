import { parseJid } from '../wire/jid.ts'
import { takeDirectMessage } from './direct-message.ts'
import { takeBroadcast, takeGroupMessage } from './group-message.ts'
import type { StanzaHandler } from './index.ts'
import { messageAck } from './message-ack.ts'
import { child } from './node.ts'

/** Messages by the server part of their address. */
const routes: Record<string, StanzaHandler> = {
  's.whatsapp.net': takeDirectMessage,
  lid: takeDirectMessage,
  'g.us': takeGroupMessage,
  broadcast: takeBroadcast,
}

/** WhatsApp's word for a stanza that fails its validation. */
const INVALID = '479'
const NOT_IMPLEMENTED = '501'
const SLOW_ACK_MS = 5000

/** `<message>`: fanned out to its devices, then acked; one without any ciphertext is refused. */
export const takeMessage: StanzaHandler = async (context, stanza) => {
  const { world, account, connection } = context
  const refusal = world.faults.take('ackError', account)
  if (refusal) return messageAck(stanza, String(refusal.code ?? INVALID))
  const server = parseJid(stanza.attrs['to'])?.server ?? ''
  const route = routes[server]
  if (!route) {
    world.unknown.report(`message to ${server}`, stanza)
    return messageAck(stanza, NOT_IMPLEMENTED)
  }
  if (!child(stanza, 'enc') && !child(stanza, 'participants')) return messageAck(stanza, INVALID)
  const reply = await route(context, stanza)
  if (!reply || world.faults.take('noAck', account)) return undefined
  const slow = world.faults.take('slowAck', account)
  if (!slow) return reply
  setTimeout(() => connection.send(reply), slow.delayMs ?? SLOW_ACK_MS).unref()
  return undefined
}
