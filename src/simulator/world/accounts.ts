import { createHash } from 'node:crypto'
import { lidJid, parseJid, phoneDigits, pnJid } from '../wire/jid.ts'
import type { Collection, Storage } from './storage.ts'

/** A Curve25519 pair, both 32 bytes. */
export type KeyPair = { public: Buffer; private: Buffer }

/** A public prekey as its owner uploaded it. */
export type PublicPreKey = { id: number; value: Buffer }

/** A linked companion (device 1 and up): a real client's public half. */
export type Companion = {
  /** Device number within the account, never used twice. */
  id: number
  /** `<lid>:<id>`: the key of everything kept for this device. */
  key: string
  lid: string
  /** The noise static key: the login credential. */
  noiseKey: Buffer
  identity: Buffer
  registrationId: number
  signedPreKey: PublicPreKey & { signature: Buffer }
  /** Name and platform shown in the phone's list of linked devices. */
  name: string
  platform: string
  linkedAt: number
  /** Whether it already had the phone's first history. */
  historySent: boolean
}

/** Device 0: the phone, a virtual Signal device played by the simulator. */
export type Phone = { id: 0; key: string; lid: string }

/** Any device of an account. */
export type Device = Phone | Companion

/** Where a ciphertext comes from: a device that may have been taken off since. */
export type DeviceAddress = Pick<Device, 'key' | 'lid'> & { id: number }

/** How a contact answers by itself what it receives. */
export type AutoReceipts = 'read' | 'delivered' | 'none'

/** Which form of address a person writes from. */
export type Addressing = 'lid' | 'pn'

/** What a business shows of itself; fields it left empty are absent. */
export type Business = {
  description?: string | undefined
  address?: string | undefined
  email?: string | undefined
  website?: string | undefined
  category?: string | undefined
}

/** Everyone with a phone number: an owner of linked clients or a scripted contact. */
export type Account = {
  phone: string
  lid: string
  name: string
  /** True once a client was linked to it or it was scanned. */
  isOwner: boolean
  registered: boolean
  addressing: Addressing
  autoReceipts: AutoReceipts
  answersRetries: boolean
  about: string
  aboutSetAt: number
  /** Only a business account has one. */
  business?: Business | undefined
  /** Privacy categories by name, as `<privacy>` lists them. */
  privacy: Record<string, string>
  /** LIDs this account has blocked. */
  blocked: string[]
  disappearing: { durationSeconds: number; setAt: number }
  phoneDevice: Phone
  companions: Companion[]
  nextDevice: number
  createdAt: number
}

/** What a person is made or updated from. */
export type Person = {
  phone: string
  name?: string | undefined
  addressing?: Addressing | undefined
  registered?: boolean | undefined
  autoReceipts?: AutoReceipts | undefined
  answersRetries?: boolean | undefined
}

/** Who exists, by phone, LID and device. */
export type Accounts = {
  byPhone(phone: string): Account | undefined
  byLid(lid: string): Account | undefined
  /** By any address form, with or without a device. */
  byJid(jid: string | undefined): Account | undefined
  /** The account and device an address names; device 0 without a number. */
  deviceByJid(jid: string | undefined): { account: Account; device: Device } | undefined
  /** The account and device address a stanza came from, whether or not that device is still there. */
  senderByJid(jid: string | undefined): { account: Account; device: DeviceAddress } | undefined
  device(account: Account, id: number): Device | undefined
  /** The phone and every companion. */
  devices(account: Account): Device[]
  /** The account of this phone, made at once when it is unknown; given fields update it. */
  ensure(person: Person): Account
  save(account: Account): void
  list(): Account[]
  pn(account: Account, device?: number): string
  lidOf(account: Account, device?: number): string
}

const DEFAULT_PRIVACY: Record<string, string> = {
  last: 'all',
  online: 'all',
  profile: 'all',
  status: 'all',
  readreceipts: 'all',
  groupadd: 'all',
  calladd: 'all',
  messages: 'all',
}

const LID_DIGITS = 14

/** A LID that stays the same for a phone in every world. */
const lidFor = (phone: string, taken: (lid: string) => boolean): string => {
  for (let attempt = 0; ; attempt++) {
    const digest = createHash('sha256').update(`${phone}/${attempt}`).digest()
    const lid = `1${(digest.readBigUInt64BE(0) % 10n ** BigInt(LID_DIGITS)).toString().padStart(LID_DIGITS, '0')}`
    if (!taken(lid)) return lid
  }
}

/** Opens the register of people kept in the world's storage. */
export const openAccounts = (storage: Storage): Accounts => {
  const rows: Collection<Account> = storage.collection<Account>('accounts')
  const lids = new Map<string, Account>()
  for (const account of rows.values()) lids.set(account.lid, account)

  const byPhone = (phone: string): Account | undefined => rows.get(phone)
  const byLid = (lid: string): Account | undefined => {
    const account = lids.get(lid)
    return account && rows.get(account.phone) === account ? account : undefined
  }
  const byJid = (jid: string | undefined): Account | undefined => {
    const parts = parseJid(jid)
    if (!parts) return undefined
    if (parts.server === 'lid') return byLid(parts.user)
    return parts.server === 's.whatsapp.net' || parts.server === 'c.us' ? byPhone(parts.user) : undefined
  }
  const device = (account: Account, id: number): Device | undefined =>
    id === 0 ? account.phoneDevice : account.companions.find((companion) => companion.id === id)

  const create = (phone: string): Account => {
    const lid = lidFor(phone, (candidate) => byLid(candidate) !== undefined || rows.has(candidate))
    const account: Account = {
      phone,
      lid,
      name: '',
      isOwner: false,
      registered: true,
      addressing: 'lid',
      autoReceipts: 'delivered',
      answersRetries: true,
      about: '',
      aboutSetAt: 0,
      privacy: { ...DEFAULT_PRIVACY },
      blocked: [],
      disappearing: { durationSeconds: 0, setAt: 0 },
      phoneDevice: { id: 0, key: `${lid}:0`, lid },
      companions: [],
      nextDevice: 1,
      createdAt: Date.now(),
    }
    lids.set(lid, account)
    return account
  }

  return {
    byPhone,
    byLid,
    byJid,
    device,
    deviceByJid: (jid) => {
      const account = byJid(jid)
      const found = account && device(account, parseJid(jid)?.device ?? 0)
      return account && found ? { account, device: found } : undefined
    },
    senderByJid: (jid) => {
      const account = byJid(jid)
      const id = parseJid(jid)?.device ?? 0
      return account && { account, device: { id, key: `${account.lid}:${id}`, lid: account.lid } }
    },
    devices: (account) => [account.phoneDevice, ...account.companions],
    ensure: (person) => {
      const phone = phoneDigits(person.phone)
      const account = byPhone(phone) ?? create(phone)
      if (person.name !== undefined) account.name = person.name
      if (account.name === '') account.name = `+${phone}`
      if (person.addressing !== undefined) account.addressing = person.addressing
      if (person.registered !== undefined) account.registered = person.registered
      if (person.autoReceipts !== undefined) account.autoReceipts = person.autoReceipts
      if (person.answersRetries !== undefined) account.answersRetries = person.answersRetries
      rows.set(phone, account)
      return account
    },
    save: (account) => rows.set(account.phone, account),
    list: () => [...rows.values()],
    pn: (account, id = 0) => pnJid(account.phone, id),
    lidOf: (account, id = 0) => lidJid(account.lid, id),
  }
}
