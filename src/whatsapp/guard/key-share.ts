import { proto, type WAMessage } from '@whiskeysockets/baileys'
import type { AuthState } from '../auth-state.ts'
import { stringifyKey } from './key-codec.ts'
import type { KeyTransaction } from './key-layer.ts'

const { APP_STATE_SYNC_KEY_SHARE } = proto.Message.ProtocolMessage.Type

/**
 * Writes the keys of the synchronised settings, which the own phone shares once, in the commit of their ratchet step. Baileys writes
 * them after the receipt has left, in a commit of their own (lib/Utils/process-message.js): what it writes then is the same again.
 */
export function keepKeyShare(message: WAMessage, transaction: KeyTransaction, auth: AuthState): void {
  const { type, appStateSyncKeyShare } = message.message?.protocolMessage ?? {}
  if (type !== APP_STATE_SYNC_KEY_SHARE || !message.key.fromMe) return
  let newest: string | null = null
  for (const { keyId, keyData } of appStateSyncKeyShare?.keys ?? []) {
    if (!keyId?.keyId || !keyData) continue
    newest = Buffer.from(keyId.keyId).toString('base64')
    transaction.put('app-state-sync-key', newest, stringifyKey('app-state-sync-key', keyData))
  }
  const myAppStateKeyId = newest
  if (myAppStateKeyId === null) return
  // The credentials as they are when the commit is made: others may change them until then.
  transaction.late(() => {
    auth.creds.myAppStateKeyId = myAppStateKeyId
    return [auth.credsChange()]
  })
}
