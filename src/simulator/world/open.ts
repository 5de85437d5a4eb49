import { join } from 'node:path'
import { openDelivery } from '../delivery.ts'
import { openFaults } from '../faults.ts'
import { announceCollection } from '../phone/app-actions.ts'
import { openPhoneAppState } from '../phone/app-state.ts'
import { startPhones, type PhoneWorker } from '../phone/worker.ts'
import { openSignals } from '../signal/device.ts'
import { makeTransport } from '../transport.ts'
import { openAccounts } from './accounts.ts'
import { openAppStates } from './app-state.ts'
import { takeBundle } from './bundles.ts'
import { openCalls } from './calls.ts'
import { openForms } from './forms.ts'
import { openGroupKeys } from './group-keys.ts'
import { openGroups } from './groups.ts'
import { openArchive } from './history.ts'
import { openMailboxes } from './mailboxes.ts'
import { openMediaStore } from './media.ts'
import { openPictures } from './pictures.ts'
import { openPreKeys } from './prekeys.ts'
import { openPresences } from './presences.ts'
import { openStorage } from './storage.ts'
import { openTokens } from './tokens.ts'
import { openUnknown } from './unknown.ts'
import { openWatchers } from './watchers.ts'
import type { SimulatorLogger, World } from './world.ts'

/** An open world and the phones that live in it. */
export type OpenWorld = { world: World; phones: PhoneWorker }

/** Opens the world kept under a folder, or a new one in memory. */
export const openWorld = (logger: SimulatorLogger, dataDir: string | undefined): OpenWorld => {
  const storage = openStorage(dataDir)
  const appStates = openAppStates(storage)
  const media = openMediaStore(dataDir && join(dataDir, 'media'))
  const self = (): World => world
  const world: World = {
    logger,
    storage,
    accounts: openAccounts(storage),
    connections: new Map(),
    delivery: openDelivery(storage, makeTransport(self, (key) => phones.wake(key))),
    signals: openSignals(storage, (device) => takeBundle(world, device)),
    faults: openFaults(),
    unknown: openUnknown(logger),
    preKeys: openPreKeys(storage),
    watchers: openWatchers(storage),
    presences: openPresences(),
    calls: openCalls(),
    forms: openForms(storage),
    tokens: openTokens(storage),
    mailboxes: openMailboxes(storage),
    groups: openGroups(storage),
    groupKeys: openGroupKeys(storage),
    media,
    pictures: openPictures(storage, media),
    archive: openArchive(storage),
    appStates,
    appState: openPhoneAppState(storage, appStates, (account, name, version) => announceCollection(world, account, name, version)),
  }
  const phones = startPhones(world)
  return { world, phones }
}
