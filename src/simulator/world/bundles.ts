import { notify } from '../phone/phones.ts'
import type { Bundle } from '../signal/bundle.ts'
import { node, SERVER } from '../stanza/node.ts'
import type { Device } from './accounts.ts'
import type { World } from './world.ts'

/** Below this many one-time prekeys a client is asked for more. */
export const LOW_PREKEYS = 5

/** A device's public keys; a companion that runs low is told so. */
export const takeBundle = (world: World, device: Device): Bundle | undefined => {
  if (device.id === 0) {
    const phone = world.accounts.byLid(device.lid)?.phoneDevice
    return phone && world.signals.of(phone).bundle()
  }
  const companion = world.accounts.byLid(device.lid)?.companions.find((candidate) => candidate.id === device.id)
  if (!companion) return undefined
  const before = world.preKeys.count(companion)
  const bundle = world.preKeys.take(companion)
  if (before === LOW_PREKEYS) {
    notify(world, companion, { type: 'encrypt', from: SERVER }, [node('count', { value: String(before - 1) })])
  }
  return bundle
}
