import { disconnectBy } from '../disconnects.ts'
import { handleStanza, type StanzaContext } from '../stanza/index.ts'
import { failure, node, now, type BinaryNode } from '../stanza/node.ts'
import { goneOffline } from '../stanza/presence.ts'
import type { Account, Companion } from '../world/accounts.ts'
import type { World } from '../world/world.ts'
import { OLD_DICTIONARY } from './codec.ts'
import type { Connection } from './connection.ts'
import type { Wire, WireOwner } from './wire.ts'

/** Older clients break when the login is answered in the tick of their handshake. */
const SUCCESS_DELAY_MS = 15
const NOT_LINKED = 401
const SERVER_FAULT = 500

const refuse = (wire: Wire, reason: number): WireOwner => {
  wire.send(node('failure', { reason: String(reason), location: 'sim' }))
  wire.close()
  return { stanza: () => undefined, closed: () => undefined }
}

const find = (world: World, wire: Wire): { account: Account; device: Companion } | undefined => {
  const { username, device } = wire.hello.payload
  const account = world.accounts.byPhone(String(username ?? ''))
  const companion = account?.companions.find((candidate) => candidate.id === device)
  return account && companion?.noiseKey.equals(wire.hello.noiseKey) ? { account, device: companion } : undefined
}

/** Answers one stanza of a client; a fault of ours is told to the client and logged without content. */
const take = async (context: StanzaContext, stanza: BinaryNode): Promise<void> => {
  const { world, connection, account } = context
  const { xmlns, id } = stanza.attrs
  if (stanza.tag === 'iq' && world.faults.take('silentIq', account, (fault) => fault.xmlns === undefined || fault.xmlns === xmlns)) return
  try {
    const reply = await handleStanza(context, stanza)
    if (reply) connection.send(reply)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown'
    world.logger.error({ tag: stanza.tag, xmlns, reason }, 'the simulator failed on a stanza')
    if (stanza.tag === 'iq' && id) connection.send(failure(stanza, SERVER_FAULT, 'internal-server-error'))
  }
}

/** Logs a linked client in by its noise key; an older socket of the same device is replaced. */
export const logIn = (world: World, wire: Wire): WireOwner => {
  const found = find(world, wire)
  const fault = world.faults.take('failure', found?.account)
  if (fault) return refuse(wire, fault.code ?? NOT_LINKED)
  if (!found) return refuse(wire, NOT_LINKED)
  const { account, device } = found

  const connection: Connection = {
    account,
    device,
    addressing: wire.dictionary === OLD_DICTIONARY ? 'pn' : 'lid',
    isActive: false,
    isOnline: false,
    send: (stanza) => wire.send(stanza),
    sendBytes: (payload) => wire.sendBytes(payload),
    sendGarbage: () => wire.sendGarbage(),
    freeze: () => wire.freeze(),
    close: () => wire.close(),
    drop: () => wire.drop(),
  }
  const older = world.connections.get(device.key)
  if (older) disconnectBy(world, older, 'replaced')
  world.connections.set(device.key, connection)
  world.delivery.rewind(device.key)
  setTimeout(() => {
    connection.send(node('success', { t: now(), lid: world.accounts.lidOf(account, device.id) }))
  }, SUCCESS_DELAY_MS)

  const context: StanzaContext = { world, connection, account, device }
  return {
    stanza: (stanza) => take(context, stanza),
    closed: () => {
      if (world.connections.get(device.key) !== connection) return
      world.connections.delete(device.key)
      world.delivery.rewind(device.key)
      if (connection.isOnline) goneOffline(world, account)
    },
  }
}
