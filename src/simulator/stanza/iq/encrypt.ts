import { bundleNodes, readKey } from '../../signal/bundle.ts'
import { takeBundle } from '../../world/bundles.ts'
import type { StanzaContext } from '../index.ts'
import { child, children, bytes, failure, node, result, type BinaryNode } from '../node.ts'
import type { IqHandler } from './index.ts'

/** One asked user's bundle, or WhatsApp's 404 for a device that is not there. */
const userNode = ({ world, account }: StanzaContext, jid: string | undefined): BinaryNode => {
  const missing = node('user', { jid }, [node('error', { code: '404', text: 'item-not-found' })])
  if (world.faults.take('missingBundle', account)) return missing
  const found = world.accounts.deviceByJid(jid)
  const bundle = found?.account.registered ? takeBundle(world, found.device) : undefined
  return bundle ? node('user', { jid }, bundleNodes(bundle)) : missing
}

const upload = ({ world, account, device }: StanzaContext, iq: BinaryNode): BinaryNode => {
  const keys = children(child(iq, 'list'), 'key').flatMap((key) => readKey(key) ?? [])
  world.preKeys.add(device, keys)
  const signed = readKey(child(iq, 'skey'))
  if (signed?.signature) device.signedPreKey = { id: signed.id, value: signed.value, signature: signed.signature }
  const registration = bytes(child(iq, 'registration'))
  if (registration?.length) device.registrationId = registration.readUIntBE(0, registration.length)
  world.accounts.save(account)
  return result(iq)
}

const rotate = ({ world, account, device }: StanzaContext, iq: BinaryNode, request: BinaryNode): BinaryNode => {
  const signed = readKey(child(request, 'skey'))
  if (!signed?.signature) return failure(iq, 406, 'not-acceptable')
  device.signedPreKey = { id: signed.id, value: signed.value, signature: signed.signature }
  world.accounts.save(account)
  return result(iq)
}

/** `encrypt`: prekeys counted, uploaded, checked and handed out. */
export const answerEncrypt: IqHandler = (context, iq) => {
  const { world, device } = context
  if (iq.attrs['type'] === 'set') {
    const rotation = child(iq, 'rotate')
    if (rotation) return rotate(context, iq, rotation)
    return child(iq, 'list') ? upload(context, iq) : undefined
  }
  if (child(iq, 'count')) return result(iq, [node('count', { value: String(world.preKeys.count(device)) })])
  if (child(iq, 'digest')) return result(iq, [node('digest')])
  const request = child(iq, 'key')
  if (!request) return undefined
  return result(iq, [node('list', {}, children(request, 'user').map((user) => userNode(context, user.attrs['jid'])))])
}
