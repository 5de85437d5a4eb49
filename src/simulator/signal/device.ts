import { encodeWAMessage, generateSignalPubKey, proto, unpadRandomMax16 } from '@whiskeysockets/baileys'
import {
  GroupCipher,
  GroupSessionBuilder,
  SenderKeyDistributionMessage,
  SenderKeyName,
  SenderKeyRecord,
} from '@whiskeysockets/baileys/lib/Signal/Group/index.js'
import { deserialize, serialize } from 'node:v8'
import * as libsignal from 'libsignal'
import type { Device, DeviceAddress, Phone } from '../world/accounts.ts'
import type { Storage } from '../world/storage.ts'
import { sessionBundle, type Bundle } from './bundle.ts'
import { openKeyRing, type DeviceKeys } from './keys.ts'
import { encryptToGroup } from './sender-key.ts'
import { decryptPreKey, decryptWhisper, openRecord, storeRecord, type StoredRecord } from './session.ts'

/** One encrypted content of a stanza: what stands in `<enc>`. */
export type Enc = { type: 'pkmsg' | 'msg' | 'skmsg'; content: Buffer }

/** A group ciphertext and the message that gives its sender key to a member. */
export type GroupEnc = { enc: Enc; distribution: proto.IMessage }

/** A virtual Signal device: device 0 of an account, with real libsignal at this end too. */
export type VirtualDevice = {
  readonly phone: Phone
  keys(): DeviceKeys
  /** Public keys for whoever wants to write to it, with a fresh one-time prekey. */
  bundle(): Bundle
  /** Encrypts to one device; starts a session from its bundle when there is none. */
  encryptFor(to: Device, message: proto.IMessage): Promise<Enc>
  /**
   * Decrypts all ciphertexts of one stanza; throws when no session fits, and then nothing has changed. A sender key inside
   * is taken at once. `settle` runs in the same moment as the ratchets step, so that both are stored together.
   */
  decrypt(from: DeviceAddress, encs: readonly Enc[], group: string | undefined, settle: (content: proto.IMessage) => void): Promise<void>
  encryptGroup(group: string, message: proto.IMessage): Promise<GroupEnc>
  /** The content that gives its sender key of a group to a member. */
  senderKey(group: string): Promise<proto.IMessage>
  /** Starts a new session with a device (from `bundle` when given); what it still sends on the old one stays readable. */
  renew(to: Device, bundle?: Bundle): Promise<void>
  /** Forgets its sender key of a group, so that the next message makes a new one. */
  rotateSenderKey(group: string): void
}

/** All virtual devices, made when first asked for. */
export type Signals = { of(phone: Phone): VirtualDevice }

type Steps = { sessions: Map<string, StoredRecord>; senderKeys: Map<string, Buffer>; usedPreKeys: number[] }

/** Gives out a device's bundle, undefined when it has no keys. */
export type BundleSource = (device: Device) => Bundle | undefined

/** Opens the virtual devices kept in storage. */
export const openSignals = (storage: Storage, bundleOf: BundleSource): Signals => {
  const ring = openKeyRing(storage)
  const sessions = storage.collection<StoredRecord>('signal-sessions')
  const senderKeys = storage.collection<Buffer>('signal-sender-keys')
  const devices = new Map<string, VirtualDevice>()

  const make = (phone: Phone): VirtualDevice => {
    const sessionKey = (device: DeviceAddress): string => `${phone.key}/${device.key}`
    // The name holds both ends: libsignal's job queue is global to the process and knows names only.
    const address = (device: DeviceAddress): libsignal.ProtocolAddress =>
      new libsignal.ProtocolAddress(`${phone.key}>${device.lid}`, device.id)
    let tail: Promise<unknown> = Promise.resolve()
    const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
      const run = tail.then(work)
      tail = run.catch(() => undefined)
      return run
    }

    // While a stanza is being opened its steps are kept aside, so that a failure leaves no trace.
    let steps: Steps | undefined
    const getSession = (key: string): StoredRecord | undefined => steps?.sessions.get(key) ?? sessions.get(key)
    const setSession = (key: string, stored: StoredRecord): void => {
      ;(steps?.sessions ?? sessions).set(key, stored)
    }
    const getSenderKey = (key: string): Buffer | undefined => steps?.senderKeys.get(key) ?? senderKeys.get(key)
    const setSenderKey = (key: string, stored: Buffer): void => {
      ;(steps?.senderKeys ?? senderKeys).set(key, stored)
    }

    const signalStorage = (device: DeviceAddress): libsignal.SignalStorage => ({
      loadSession: async () => {
        const stored = getSession(sessionKey(device))
        return stored ? openRecord(stored) : null
      },
      storeSession: async (_id, record) => setSession(sessionKey(device), storeRecord(record)),
      isTrustedIdentity: () => true,
      loadPreKey: async (id) => {
        const pair = id ? ring.preKey(phone, Number(id)) : undefined
        return pair && { privKey: pair.private, pubKey: Buffer.from(generateSignalPubKey(pair.public)) }
      },
      removePreKey: (id) => ring.dropPreKey(phone, id),
      loadSignedPreKey: () => {
        const { pair } = ring.of(phone).signedPreKey
        return { privKey: pair.private, pubKey: Buffer.from(generateSignalPubKey(pair.public)) }
      },
      getOurRegistrationId: () => ring.of(phone).registrationId,
      getOurIdentity: () => {
        const { identity } = ring.of(phone)
        return { privKey: identity.private, pubKey: Buffer.from(generateSignalPubKey(identity.public)) }
      },
    })

    const senderKeyRow = (name: SenderKeyName): string => `${phone.key}/${name.toString()}`
    const senderKeyStore = {
      loadSenderKey: async (name: SenderKeyName) => {
        const stored = getSenderKey(senderKeyRow(name))
        return stored ? new SenderKeyRecord(deserialize(stored)) : new SenderKeyRecord()
      },
      storeSenderKey: async (name: SenderKeyName, record: SenderKeyRecord) =>
        setSenderKey(senderKeyRow(name), serialize(record.serialize())),
    }
    const senderName = (group: string, sender: DeviceAddress): SenderKeyName =>
      new SenderKeyName(group, new libsignal.ProtocolAddress(sender.lid, sender.id))

    const start = async (to: Device, given?: Bundle): Promise<void> => {
      const bundle = given ?? bundleOf(to)
      if (!bundle) throw new Error('that device has no keys')
      const builder = new libsignal.SessionBuilder(signalStorage(to), address(to))
      // Without a one-time prekey libsignal goes on with the signed one; its typings do not say so.
      await builder.initOutgoing(sessionBundle(bundle) as Parameters<typeof builder.initOutgoing>[0])
    }

    const decryptOne = async (from: DeviceAddress, enc: Enc): Promise<Buffer> => {
      const stored = getSession(sessionKey(from))
      if (enc.type === 'msg') {
        const opened = await decryptWhisper(signalStorage(from), address(from), stored, enc.content)
        setSession(sessionKey(from), opened.stored)
        return opened.plaintext
      }
      const opened = await decryptPreKey(signalStorage(from), address(from), stored, enc.content)
      setSession(sessionKey(from), opened.stored)
      if (opened.usedPreKey) steps?.usedPreKeys.push(opened.usedPreKey)
      return opened.plaintext
    }

    const openAll = async (from: DeviceAddress, encs: readonly Enc[], group: string | undefined): Promise<proto.IMessage> => {
      const content: proto.IMessage = {}
      for (const enc of encs) {
        const padded =
          enc.type === 'skmsg'
            ? await new GroupCipher(senderKeyStore, senderName(group ?? '', from)).decrypt(enc.content)
            : await decryptOne(from, enc)
        const message = proto.Message.decode(unpadRandomMax16(padded))
        const distribution = message.senderKeyDistributionMessage
        if (distribution?.groupId && distribution.axolotlSenderKeyDistributionMessage) {
          const skdm = new SenderKeyDistributionMessage(null, null, null, null, distribution.axolotlSenderKeyDistributionMessage)
          await new GroupSessionBuilder(senderKeyStore).process(senderName(distribution.groupId, from), skdm)
        }
        Object.assign(content, message)
      }
      return content
    }

    const distribute = async (group: string): Promise<proto.IMessage> => {
      const skdm = await new GroupSessionBuilder(senderKeyStore).create(senderName(group, phone))
      return { senderKeyDistributionMessage: { groupId: group, axolotlSenderKeyDistributionMessage: skdm.serialize() } }
    }

    return {
      phone,
      keys: () => ring.of(phone),
      bundle: () => {
        const keys = ring.of(phone)
        const preKey = ring.makePreKey(phone)
        return {
          registrationId: keys.registrationId,
          identity: keys.identity.public,
          signedPreKey: { id: keys.signedPreKey.id, value: keys.signedPreKey.pair.public, signature: keys.signedPreKey.signature },
          preKey: { id: preKey.id, value: preKey.pair.public },
        }
      },
      encryptFor: (to, message) =>
        inTurn(async () => {
          const stored = getSession(sessionKey(to))
          if (!stored || !openRecord(stored).haveOpenSession()) await start(to)
          const cipher = new libsignal.SessionCipher(signalStorage(to), address(to))
          const made = await cipher.encrypt(Buffer.from(encodeWAMessage(message)))
          return { type: made.type === 3 ? 'pkmsg' : 'msg', content: Buffer.from(made.body as unknown as Uint8Array) }
        }),
      decrypt: (from, encs, group, settle) =>
        inTurn(async () => {
          steps = { sessions: new Map(), senderKeys: new Map(), usedPreKeys: [] }
          try {
            const content = await openAll(from, encs, group)
            for (const [key, stored] of steps.sessions) sessions.set(key, stored)
            for (const [key, stored] of steps.senderKeys) senderKeys.set(key, stored)
            for (const id of steps.usedPreKeys) ring.dropPreKey(phone, id)
            settle(content)
          } finally {
            steps = undefined
          }
        }),
      encryptGroup: (group, message) =>
        inTurn(async () => {
          const distribution = await distribute(group)
          const content = await encryptToGroup(senderKeyStore, senderName(group, phone), encodeWAMessage(message))
          return { enc: { type: 'skmsg', content }, distribution }
        }),
      senderKey: (group) => inTurn(() => distribute(group)),
      renew: (to, bundle) => inTurn(() => start(to, bundle)),
      rotateSenderKey: (group) => void senderKeys.delete(senderKeyRow(senderName(group, phone))),
    }
  }

  return {
    of: (phone) => {
      const known = devices.get(phone.key)
      if (known) return known
      const made = make(phone)
      devices.set(phone.key, made)
      return made
    },
  }
}
