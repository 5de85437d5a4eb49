import type { Bundle } from '../signal/bundle.ts'
import type { Companion, PublicPreKey } from './accounts.ts'
import type { Storage } from './storage.ts'

/** The one-time prekeys that companions uploaded. */
export type PreKeys = {
  count(device: Companion): number
  add(device: Companion, keys: PublicPreKey[]): void
  /** The device's bundle; its oldest one-time prekey goes with it. */
  take(device: Companion): Bundle
  drop(device: Companion): void
}

const ID_BYTES = 3
const KEY_BYTES = 32
const ENTRY_BYTES = ID_BYTES + KEY_BYTES

/** Opens the store; a device's keys are one packed row. */
export const openPreKeys = (storage: Storage): PreKeys => {
  const rows = storage.collection<Buffer>('prekeys')
  const packed = (device: Companion): Buffer => rows.get(device.key) ?? Buffer.alloc(0)
  return {
    count: (device) => packed(device).length / ENTRY_BYTES,
    add: (device, keys) => {
      const again = new Set(keys.map(({ id }) => id))
      const kept: Buffer[] = []
      const old = packed(device)
      for (let at = 0; at < old.length; at += ENTRY_BYTES) {
        if (!again.has(old.readUIntBE(at, ID_BYTES))) kept.push(old.subarray(at, at + ENTRY_BYTES))
      }
      const entries = keys.map(({ id, value }) => {
        const entry = Buffer.alloc(ENTRY_BYTES)
        entry.writeUIntBE(id, 0, ID_BYTES)
        value.copy(entry, ID_BYTES, 0, KEY_BYTES)
        return entry
      })
      rows.set(device.key, Buffer.concat([...kept, ...entries]))
    },
    take: (device) => {
      const keys = packed(device)
      const { registrationId, identity, signedPreKey } = device
      if (keys.length < ENTRY_BYTES) return { registrationId, identity, signedPreKey }
      rows.set(device.key, Buffer.from(keys.subarray(ENTRY_BYTES)))
      const preKey = { id: keys.readUIntBE(0, ID_BYTES), value: Buffer.from(keys.subarray(ID_BYTES, ENTRY_BYTES)) }
      return { registrationId, identity, signedPreKey, preKey }
    },
    drop: (device) => void rows.delete(device.key),
  }
}
