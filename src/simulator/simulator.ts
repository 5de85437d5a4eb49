import { join } from 'node:path'
import { openDelivery } from './delivery.ts'
import { openFaults } from './faults.ts'
import { startMediaHost } from './media-host.ts'
import { announceCollection } from './phone/app-actions.ts'
import { openPhoneAppState } from './phone/app-state.ts'
import { openSignals } from './signal/device.ts'
import { openAccounts } from './world/accounts.ts'
import { openAppStates } from './world/app-state.ts'
import { openGroups } from './world/groups.ts'
import { openArchive } from './world/history.ts'
import { openMediaStore } from './world/media.ts'
import { openPictures } from './world/pictures.ts'
import { openStorage } from './world/storage.ts'
import { openUnknown } from './world/unknown.ts'
import type { SimulatorLogger, World } from './world/world.ts'

/** How to start a simulator; without `dataDir` its world lives in memory. */
export type SimulatorOptions = {
  dataDir?: string | undefined
  host?: string | undefined
  wsPort?: number | undefined
  mediaPort?: number | undefined
  logger?: SimulatorLogger | undefined
}

/** A WhatsApp in small: real clients link to `wsUrl`, its verbs play the phones and contacts. */
export type Simulator = {
  readonly world: World
  /** Where media is uploaded to and downloaded from, plain HTTP. */
  readonly mediaUrl: string
  close(): Promise<void>
}

const line = (level: string) => (fields: object, words: string): void => {
  process.stderr.write(`${JSON.stringify({ level, ...fields, msg: words })}\n`)
}
const stderrLogger: SimulatorLogger = { info: () => undefined, warn: line('warn'), error: line('error') }

/** Starts a simulator. */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const logger = options.logger ?? stderrLogger
  const storage = openStorage(options.dataDir)
  const accounts = openAccounts(storage)
  const connections: World['connections'] = new Map()
  const faults = openFaults()
  const signals = openSignals(storage, () => undefined)
  const delivery = openDelivery(storage, (pending) => {
    const connection = connections.get(pending.deviceKey)
    if (!connection?.isActive) return false
    connection.send(pending.stanza)
    return true
  })
  const media = openMediaStore(options.dataDir && join(options.dataDir, 'media'))
  const mediaHost = await startMediaHost(media, options.mediaPort)
  const appStates = openAppStates(storage)
  const world: World = {
    logger, storage, accounts, connections, delivery, signals, faults, unknown: openUnknown(logger),
    groups: openGroups(storage),
    media,
    pictures: openPictures(storage, media),
    archive: openArchive(storage),
    appStates,
    appState: openPhoneAppState(storage, appStates, (account, name, version) => announceCollection(world, account, name, version)),
  }
  return {
    world,
    mediaUrl: mediaHost.url,
    close: async () => {
      await mediaHost.close()
      storage.close()
    },
  }
}
