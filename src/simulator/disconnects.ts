import type { Fault, FaultKind } from './faults.ts'
import { node } from './stanza/node.ts'
import { unlinkCompanion } from './unlink.ts'
import type { Connection } from './wire/connection.ts'
import type { World } from './world/world.ts'

const SERVICE_UNAVAILABLE = 503

/** How each live fault looks on the wire. */
const strikes = {
  drop: (_world, connection) => connection.drop(),
  streamError: (_world, connection, fault) => {
    connection.send(node('stream:error', { code: String(fault?.code ?? SERVICE_UNAVAILABLE) }))
    connection.close()
  },
  unlink: (world, connection) => unlinkCompanion(world, connection.account, connection.device),
  replaced: (_world, connection) => {
    connection.send(node('stream:error', {}, [node('conflict', { type: 'replaced' })]))
    connection.close()
  },
  downgrade: (_world, connection) => {
    connection.send(node('ib', {}, [node('downgrade_webclient')]))
    connection.close()
  },
  xmlstreamend: (_world, connection) => {
    connection.send(node('xmlstreamend'))
    connection.close()
  },
  garbageFrame: (_world, connection) => connection.sendGarbage(),
  silent: (_world, connection) => connection.freeze(),
} satisfies Partial<Record<FaultKind, (world: World, connection: Connection, fault?: Fault) => void>>

/** A fault that ends or spoils a live socket. */
export type DisconnectKind = keyof typeof strikes

const isDisconnect = (kind: FaultKind): kind is DisconnectKind => kind in strikes

/** Ends one live socket in this way; what it has not acked stays queued. */
export const disconnectBy = (world: World, connection: Connection, kind: DisconnectKind, fault?: Fault): void =>
  strikes[kind](world, connection, fault)

/** Lets armed disconnect faults strike this live socket. */
export const strikeConnection = (world: World, connection: Connection): void => {
  for (const kind of new Set(world.faults.list().map((fault) => fault.kind))) {
    if (!isDisconnect(kind)) continue
    const fault = world.faults.take(kind, connection.account)
    if (fault) disconnectBy(world, connection, kind, fault)
  }
}
