import type { Device } from './world/accounts.ts'
import type { Storage } from './world/storage.ts'
import type { BinaryNode } from './stanza/node.ts'
import { parseJid } from './wire/jid.ts'

/** A stanza kept for one device until that device answers for it. */
export type Pending = { deviceKey: string; order: number; stanza: BinaryNode; sent: boolean }

/** How stanzas reach a device that is there: a live socket, or the simulator's own phone. */
export type Transport = (pending: Pending) => boolean

/** Per-device queues: a stanza is forgotten exactly at its device's receipt or ack. */
export type Delivery = {
  /** Keeps the stanza for the device and sends it at once when the device is there. */
  deliver(device: Device, stanza: BinaryNode): void
  /** Sends without keeping (presence, chat states). */
  pass(device: Device, stanza: BinaryNode): void
  /** Forgets the oldest stanza of this class that the answer names; false when there was none. */
  acknowledge(deviceKey: string, answer: Answer): boolean
  /** What waits for this device, oldest first. */
  pending(deviceKey: string): readonly Pending[]
  /** Forgets one entry. */
  forget(pending: Pending): void
  /** Marks everything as unsent again: what was not acked goes out at the next chance, in order. */
  rewind(deviceKey: string): void
  /** Forgets all that is kept for a device. */
  drop(deviceKey: string): void
  /** Forgets all queues, after the storage was emptied. */
  clear(): void
}

/** A device's answer for a stanza: its class and id, and whom it was from. */
export type Answer = { class: string; id: string; from?: string | undefined; participant?: string | undefined }

const ORDER_DIGITS = 15
const sameUser = (one: string | undefined, other: string | undefined): boolean => {
  if (one === other) return true
  const [a, b] = [parseJid(one), parseJid(other)]
  return a !== undefined && b !== undefined && a.user === b.user
}

/** Opens the queues kept in storage; `transport` says whether a stanza could be handed over now. */
export const openDelivery = (storage: Storage, transport: Transport): Delivery => {
  const rows = storage.collection<{ deviceKey: string; order: number; stanza: BinaryNode }>('queue')
  const queues = new Map<string, Pending[]>()
  let last = 0
  const rowKey = (item: Pending): string => `${item.deviceKey}/${String(item.order).padStart(ORDER_DIGITS, '0')}`
  const queueOf = (deviceKey: string): Pending[] => {
    const known = queues.get(deviceKey)
    if (known) return known
    const queue: Pending[] = []
    queues.set(deviceKey, queue)
    return queue
  }
  for (const row of [...rows.values()].toSorted((a, b) => a.order - b.order)) {
    queueOf(row.deviceKey).push({ ...row, sent: false })
    last = Math.max(last, row.order)
  }

  const forget = (item: Pending): void => {
    const queue = queueOf(item.deviceKey)
    const index = queue.indexOf(item)
    if (index < 0) return
    queue.splice(index, 1)
    rows.delete(rowKey(item))
  }

  return {
    deliver: (device, stanza) => {
      const item: Pending = { deviceKey: device.key, order: ++last, stanza, sent: false }
      const { deviceKey, order } = item
      queueOf(device.key).push(item)
      rows.set(rowKey(item), { deviceKey, order, stanza })
      item.sent = transport(item)
    },
    pass: (device, stanza) => void transport({ deviceKey: device.key, order: 0, stanza, sent: false }),
    acknowledge: (deviceKey, answer) => {
      let found: Pending | undefined
      for (const item of queueOf(deviceKey)) {
        const { tag, attrs } = item.stanza
        if (tag !== answer.class || attrs['id'] !== answer.id) continue
        found ??= item
        if (!sameUser(attrs['from'], answer.from) || !sameUser(attrs['participant'], answer.participant)) continue
        found = item
        break
      }
      if (found) forget(found)
      return found !== undefined
    },
    pending: (deviceKey) => queueOf(deviceKey),
    forget,
    rewind: (deviceKey) => {
      for (const item of queueOf(deviceKey)) item.sent = false
    },
    drop: (deviceKey) => {
      for (const item of queueOf(deviceKey)) rows.delete(rowKey(item))
      queues.delete(deviceKey)
    },
    clear: () => queues.clear(),
  }
}
