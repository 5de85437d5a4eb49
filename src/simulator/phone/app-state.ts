import { randomBytes } from 'node:crypto'
import { chatModificationToAppPatch, decodePatches, encodeSyncdPatch, newLTHashState, proto } from '@whiskeysockets/baileys'
import type { ChatModification, LTHashState } from '@whiskeysockets/baileys'
import { node } from '../stanza/node.ts'
import type { Account, Companion } from '../world/accounts.ts'
import { APP_STATE_COLLECTIONS } from '../world/app-state.ts'
import type { AppStateCollection, AppStates } from '../world/app-state.ts'
import type { Storage } from '../world/storage.ts'
import { makeTurns } from '../world/turns.ts'

/** One setting as the phone reads it: where it belongs, and what it says now. */
export type AppAction = {
  collection: AppStateCollection
  version: number
  /** What it is about, such as `['archive', '34600000001@s.whatsapp.net']`. */
  index: string[]
  value: proto.ISyncActionValue
}

/** The secret that patches of an account are encrypted with; the server itself never needs it. */
export type AppStateKey = { id: Buffer; data: Buffer; createdAt: number }

/** What a phone does with its account's synchronised settings. */
export type PhoneAppState = {
  /** The message that gives a companion the key. */
  keyShare(account: Account): proto.IMessage
  /** Every action so far, in order within its collection. */
  actions(account: Account): Promise<AppAction[]>
  /** Writes a change as the phone's user would, and answers the collection it went to. */
  modify(account: Account, change: ChatModification, jid: string): Promise<AppStateCollection>
  /** Takes a companion's patch in turn with the phone's own; undefined when it was made upon another version. */
  accept(account: Account, name: AppStateCollection, version: number, patch: Uint8Array): Promise<{ version: number; actions: AppAction[] } | undefined>
}

type Reading = { key: AppStateKey; state: LTHashState; actions: AppAction[] }

const KEY_ID_BYTES = 6
const KEY_BYTES = 32
const FINGERPRINT_RAW_ID = 1

/** `<notification type='server_sync'>`'s content: a collection has moved on. */
export const collectionNews = (name: AppStateCollection, version: number) => [node('collection', { name, version: String(version) })]

/** Opens the phones' view; `announce` tells companions that a collection has a new version. */
export const openPhoneAppState = (
  storage: Storage,
  states: AppStates,
  announce: (account: Account, name: AppStateCollection, version: number, except?: Companion) => void,
): PhoneAppState => {
  const keys = storage.collection<AppStateKey>('app-state-keys')
  const readings = new Map<string, Reading>()
  const inTurn = makeTurns()

  const keyOf = (account: Account): AppStateKey => {
    const known = keys.get(account.lid)
    if (known) return known
    const made = { id: Buffer.concat([Buffer.alloc(2), randomBytes(KEY_ID_BYTES - 2)]), data: randomBytes(KEY_BYTES), createdAt: Date.now() }
    keys.set(account.lid, made)
    return made
  }
  const keyData = (account: Account): proto.Message.IAppStateSyncKeyData => ({
    keyData: keyOf(account).data,
    fingerprint: { rawId: FINGERPRINT_RAW_ID, currentIndex: 0, deviceIndexes: [0] },
    timestamp: keyOf(account).createdAt,
  })
  const finder = (account: Account) => async (id: string): Promise<proto.Message.IAppStateSyncKeyData | undefined> =>
    id === keyOf(account).id.toString('base64') ? keyData(account) : undefined

  /** What the phone knows, brought up to the collection's version. */
  const read = async (account: Account, name: AppStateCollection): Promise<Reading> => {
    const key = `${account.lid}/${name}`
    const secret = keyOf(account)
    const known = readings.get(key)
    // After a reset of the world the same person starts anew, with another key.
    const reading = known?.key === secret ? known : { key: secret, state: newLTHashState(), actions: [] }
    // Patches are decoded one by one: together, a later change of the same thing would hide the earlier.
    while (reading.state.version < states.version(account.lid, name)) {
      const page = states.after(account.lid, name, reading.state.version)
      if (page.patches.length === 0) break
      for (const bytes of page.patches) {
        const patch = proto.SyncdPatch.decode(bytes)
        const { state, mutationMap } = await decodePatches(name, [patch], reading.state, finder(account), {})
        for (const { index, syncAction } of Object.values(mutationMap)) {
          reading.actions.push({ collection: name, version: state.version, index: index.map(String), value: syncAction.value ?? {} })
        }
        reading.state = state
      }
    }
    readings.set(key, reading)
    return reading
  }

  return {
    keyShare: (account) => ({
      protocolMessage: {
        type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE,
        appStateSyncKeyShare: { keys: [{ keyId: { keyId: keyOf(account).id }, keyData: keyData(account) }] },
      },
    }),
    actions: async (account) => inTurn(account.lid, async () => {
      const all: AppAction[] = []
      for (const name of APP_STATE_COLLECTIONS) all.push(...(await read(account, name)).actions)
      return all
    }),
    modify: async (account, change, jid) => inTurn(account.lid, async () => {
      const wanted = chatModificationToAppPatch(change, jid)
      const { state } = await read(account, wanted.type)
      const { patch } = await encodeSyncdPatch(wanted, keyOf(account).id.toString('base64'), state, finder(account))
      const version = states.append(account.lid, wanted.type, state.version, proto.SyncdPatch.encode(patch).finish())
      if (version === undefined) throw new Error('The phone is behind its own settings.')
      await read(account, wanted.type)
      announce(account, wanted.type, version)
      return wanted.type
    }),
    accept: async (account, name, from, patch) => inTurn(account.lid, async () => {
      const known = (await read(account, name)).actions.length
      const version = states.append(account.lid, name, from, patch)
      return version === undefined ? undefined : { version, actions: (await read(account, name)).actions.slice(known) }
    }),
  }
}
