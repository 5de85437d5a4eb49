import { DEFAULT_CONNECTION_CONFIG, isPnUser, type SignalRepositoryWithLIDStore, type SocketConfig } from '@whiskeysockets/baileys'
import { withAddress } from './address-lock.ts'
import type { KeyLayer, KeyTransaction } from './key-layer.ts'
import { parseKey, stringifyKey } from './key-codec.ts'
import { encryptToGroup } from './sender-key.ts'

type Repository = SignalRepositoryWithLIDStore

/** Stands between the ratchet and the commit of one decrypted message. */
export interface DecryptJournal {
  /** The plaintext of a ciphertext that was decrypted before, or null. */
  known(ciphertext: Uint8Array): Promise<Uint8Array | null>
  /** What belongs into the same commit as the ratchet step. */
  decrypted(ciphertext: Uint8Array, plaintext: Uint8Array, transaction: KeyTransaction): Promise<void>
  /** The ciphertext had its turn, however that went. */
  tried(ciphertext: Uint8Array): void
}

/**
 * Baileys' stock Signal repository over a key layer of our own: each encrypt and decrypt is one commit by itself, under a lock
 * on the address that holds for the whole process, and a message is offered one session at a time.
 */
export function guardedRepository(layer: KeyLayer, journal: DecryptJournal | null, makeStock = DEFAULT_CONNECTION_CONFIG.makeSignalRepository): SocketConfig['makeSignalRepository'] {
  return (auth, logger, pnToLid) => {
    const stock: Repository = makeStock({ creds: auth.creds, keys: layer.keys }, logger, pnToLid)

    /** The address that the stock repository will end at, which is the LID's where it is known. */
    async function addressOf(jid: string): Promise<string> {
      const lid = isPnUser(jid) ? await stock.lidMapping.getLIDForPN(jid) : null
      return stock.jidToSignalProtocolAddress(lid ?? jid)
    }

    /** A transaction under the address's lock. The address is resolved first: resolving may ask WhatsApp. */
    async function alone<T>(jid: string, work: (transaction: KeyTransaction, address: string) => Promise<T>): Promise<T> {
      const address = await addressOf(jid)
      return withAddress(address, () => layer.transact((transaction) => work(transaction, address)))
    }

    async function decrypt(ciphertext: Uint8Array, transaction: KeyTransaction, open: () => Promise<Uint8Array>): Promise<Uint8Array> {
      try {
        const known = await journal?.known(ciphertext)
        if (known) return known
        const plaintext = await open()
        await journal?.decrypted(ciphertext, plaintext, transaction)
        return plaintext
      } finally {
        journal?.tried(ciphertext)
      }
    }

    return {
      ...stock,
      decryptMessage: (options) =>
        alone(options.jid, (transaction, address) =>
          decrypt(options.ciphertext, transaction, () => (options.type === 'msg' ? oneSessionAtATime(layer, transaction, address, () => stock.decryptMessage(options)) : stock.decryptMessage(options))),
        ),
      encryptMessage: (options) => alone(options.jid, () => stock.encryptMessage(options)),
      injectE2ESession: (options) => alone(options.jid, () => stock.injectE2ESession(options)),
      decryptGroupMessage: (options) => withAddress(`${options.group} ${options.authorJid}`, () => layer.transact((transaction) => decrypt(options.msg, transaction, () => stock.decryptGroupMessage(options)))),
      processSenderKeyDistributionMessage: (options) =>
        withAddress(`${options.item.groupId ?? ''} ${options.authorJid}`, () => layer.transact(() => stock.processSenderKeyDistributionMessage(options))),
      encryptGroupMessage: ({ group, meId, data }) =>
        withAddress(`${group} ${meId}`, () =>
          layer.transact(async () => {
            const senderKeyDistributionMessage = await stock.getSenderKeyDistributionMessage({ group, meId })
            return { ciphertext: await encryptToGroup(layer, group, stock.jidToSignalProtocolAddress(meId), data), senderKeyDistributionMessage }
          }),
        ),
      getSenderKeyDistributionMessage: (options) => withAddress(`${options.group} ${options.meId}`, () => layer.transact(() => stock.getSenderKeyDistributionMessage(options))),
      migrateSession: (from, to) => alone(to, () => stock.migrateSession(from, to)),
      deleteSession: (jids) => layer.transact(() => stock.deleteSession(jids)),
    }
  }
}

interface SessionRecord {
  readonly version: string
  readonly _sessions: Record<string, { readonly indexInfo: { readonly used: number } }>
}

/**
 * libsignal steps the ratchet of every session that it merely tries, before the MAC check, and then stores the whole record
 * (src/session_cipher.js, decryptWithSessions). So a record with several sessions is offered one at a time, the one used last
 * first, and only the one that opened the message is written back.
 */
async function oneSessionAtATime(layer: KeyLayer, transaction: KeyTransaction, address: string, open: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const record = (await layer.keys.get('session', [address]))[address] as unknown as SessionRecord | undefined
  const sessions = Object.entries(record?._sessions ?? {})
  if (!record || sessions.length < 2) return open()
  let last: unknown
  for (const [baseKey, session] of sessions.toSorted(([, a], [, b]) => b.indexInfo.used - a.indexInfo.used)) {
    transaction.put('session', address, stringifyKey('session', { ...record, _sessions: { [baseKey]: session } }))
    try {
      const plaintext = await open()
      const stepped = parseKey('session', transaction.peek('session', address) ?? '{}') as unknown as SessionRecord
      transaction.put('session', address, stringifyKey('session', { ...record, _sessions: { ...record._sessions, ...stepped._sessions } }))
      return plaintext
    } catch (error) {
      last = error
    }
  }
  transaction.forget('session', address)
  throw last
}
