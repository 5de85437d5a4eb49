import type { Pending, Transport } from './delivery.ts'
import type { FaultKind } from './faults.ts'
import { bytes, children, node, type BinaryNode } from './stanza/node.ts'
import type { Connection } from './wire/connection.ts'
import type { World } from './world/world.ts'

/** A copy of a stanza whose ciphertexts no longer fit their MAC. */
const corrupted = (stanza: BinaryNode): BinaryNode => ({
  ...stanza,
  content: children(stanza).map((part) => {
    const content = part.tag === 'enc' ? bytes(part) : undefined
    if (!content) return part
    const last = content.length - 1
    content[last] = (content[last] ?? 0) ^ 0xff
    return { ...part, content }
  }),
})

/** A copy that says its content is only on the phone. */
const unavailable = (stanza: BinaryNode): BinaryNode => ({
  ...stanza,
  content: [...children(stanza).filter(({ tag }) => tag !== 'enc'), node('unavailable')],
})

const sendMessage = (world: World, connection: Connection, stanza: BinaryNode): void => {
  const strikes = (kind: FaultKind): boolean => world.faults.take(kind, connection.account) !== undefined
  const isPeer = stanza.attrs['category'] === 'peer'
  let sent = stanza
  if (!isPeer && strikes('corruptCiphertext')) sent = corrupted(sent)
  if (!isPeer && strikes('unavailable')) sent = unavailable(sent)
  connection.send(sent)
  if (!isPeer && strikes('duplicate')) connection.send(sent)
}

const sendOther = (world: World, connection: Connection, stanza: BinaryNode): void => {
  connection.send(stanza)
  if (stanza.tag === 'notification' && world.faults.take('duplicate', connection.account)) connection.send(stanza)
}

/** Hands stanzas to devices that are there: live sockets that asked for their queue, and the simulator's phones. */
export const makeTransport = (world: () => World, wakePhone: (deviceKey: string) => void): Transport => (pending: Pending) => {
  const { deviceKey, stanza } = pending
  if (deviceKey.endsWith(':0')) {
    wakePhone(deviceKey)
    return true
  }
  const connection = world().connections.get(deviceKey)
  if (!connection?.isActive) return false
  if (pending.order > 0 && world().faults.take('offlineQueue', connection.account)) return false
  if (stanza.tag === 'message') sendMessage(world(), connection, stanza)
  else sendOther(world(), connection, stanza)
  return true
}
