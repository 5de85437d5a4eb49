import { randomBytes } from 'node:crypto'
import type { StanzaHandler } from './index.ts'
import { child, node, now } from './node.ts'

const TOKEN_BYTES = 16

/** `<call>`: a client rejects a call (told to the caller's other devices) or wants a link for one. */
export const takeCall: StanzaHandler = ({ world, account, device }, stanza) => {
  const { id, to } = stanza.attrs
  if (child(stanza, 'link_create')) {
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    return node('call', { from: to, id }, [node('link_create', { token })])
  }
  const rejection = child(stanza, 'reject')
  if (!rejection) {
    world.unknown.report('call', stanza)
    return node('ack', { class: 'call', id, from: to, error: '501' })
  }
  const callId = rejection.attrs['call-id'] ?? ''
  const call = world.calls.end(callId)
  // The ringing stops on the account's other companions too.
  for (const other of call?.rings ?? []) {
    const companion = account.companions.find(({ key }) => key === other)
    if (!companion || companion === device) continue
    const from = call?.from ?? to
    const news = node('terminate', { 'call-id': callId, 'call-creator': from, reason: 'rejected_elsewhere' })
    world.delivery.deliver(companion, node('call', { from, id: callId, t: now() }, [news]))
  }
  return node('ack', { class: 'call', id, from: to, type: 'reject', t: now() })
}
