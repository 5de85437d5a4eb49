import { randomBytes } from 'node:crypto'
import { aesEncryptGCM, hkdf, proto } from '@whiskeysockets/baileys'
import type { StanzaContext } from '../stanza/index.ts'
import { child, node, now } from '../stanza/node.ts'
import type { BinaryNode } from '../stanza/node.ts'
import { unwrap } from '../world/description.ts'

const { SUCCESS, NOT_FOUND } = proto.MediaRetryNotification.ResultType
const IV_BYTES = 12
const KEY_BYTES = 32

type Blob = { mediaKey: Uint8Array; directPath: string }

/** The blob that a media message names, undefined for a message without one. */
const blobOf = (content: proto.IMessage): Blob | undefined => {
  const inner = unwrap(content)
  const media = inner.imageMessage ?? inner.videoMessage ?? inner.ptvMessage ?? inner.audioMessage ?? inner.documentMessage ?? inner.stickerMessage
  return media?.mediaKey && media.directPath ? { mediaKey: media.mediaKey, directPath: media.directPath } : undefined
}

/** A companion found media gone: the phone, which still has the file, uploads it again and tells the new path. */
export const uploadAgain = async ({ world, account, device }: StanzaContext, receipt: BinaryNode): Promise<void> => {
  const { id = '' } = receipt.attrs
  const asked = child(receipt, 'rmr')
  const kept = world.archive.find(account.lid, id)
  const blob = kept && blobOf(kept.message.content)
  const directPath = blob && (await world.media.renew(blob.directPath))
  const rmr = node('rmr', { jid: asked?.attrs['jid'], from_me: asked?.attrs['from_me'], participant: asked?.attrs['participant'] })
  const answer = (parts: BinaryNode[]): void =>
    world.delivery.deliver(device, node('notification', { type: 'mediaretry', id, from: world.accounts.pn(account), t: now() }, parts))
  if (blob === undefined || directPath === undefined) {
    answer([node('error', { code: String(NOT_FOUND) }), rmr])
    return
  }
  const plain = proto.MediaRetryNotification.encode({ stanzaId: id, directPath, result: SUCCESS }).finish()
  const iv = randomBytes(IV_BYTES)
  const key = hkdf(blob.mediaKey, KEY_BYTES, { info: 'WhatsApp Media Retry Notification' })
  const sealed = aesEncryptGCM(plain, key, iv, Buffer.from(id))
  answer([node('encrypt', {}, [node('enc_p', {}, sealed), node('enc_iv', {}, iv)]), rmr])
}
