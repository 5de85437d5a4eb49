import { strikeConnection } from '../../disconnects.ts'
import { linkedFirst } from '../../phone/first-sync.ts'
import type { StanzaContext } from '../index.ts'
import { child, node, result, SERVER, type BinaryNode } from '../node.ts'
import type { IqHandler } from './index.ts'

const countOf = (queued: readonly { stanza: BinaryNode }[], tag: string): string =>
  String(queued.filter(({ stanza }) => stanza.tag === tag).length)

/** Sends all that waited for this device, in order, between the two notices clients expect. */
const drain = ({ world, connection, device }: StanzaContext): void => {
  const queued = world.delivery.pending(device.key).filter(({ sent }) => !sent)
  connection.send(
    node('ib', { from: SERVER }, [
      node('offline_preview', {
        count: String(queued.length),
        message: countOf(queued, 'message'),
        receipt: countOf(queued, 'receipt'),
        notification: countOf(queued, 'notification'),
        call: countOf(queued, 'call'),
        appdata: '0',
      }),
    ]),
  )
  for (const item of queued) {
    item.sent = true
    connection.send({ ...item.stanza, attrs: { ...item.stanza.attrs, offline: '0' } })
  }
  connection.send(node('ib', { from: SERVER }, [node('offline', { count: String(queued.length) })]))
}

/** `passive`: `<active/>` opens the queue, `<passive/>` closes it. */
export const answerPassive: IqHandler = (context, iq) => {
  const { world, connection, account, device } = context
  if (child(iq, 'passive')) {
    connection.isActive = false
    return result(iq)
  }
  if (!child(iq, 'active')) return undefined
  connection.send(result(iq))
  if (!connection.isActive) {
    connection.isActive = true
    drain(context)
    strikeConnection(world, connection)
    if (!device.historySent) void linkedFirst(world, account, device)
  }
  return 'answered'
}
