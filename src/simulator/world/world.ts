import type { Delivery } from '../delivery.ts'
import type { Faults } from '../faults.ts'
import type { Signals } from '../signal/device.ts'
import type { Connection } from '../wire/connection.ts'
import type { PhoneAppState } from '../phone/app-state.ts'
import type { Accounts } from './accounts.ts'
import type { AppStates } from './app-state.ts'
import type { Calls } from './calls.ts'
import type { Forms } from './forms.ts'
import type { GroupKeys } from './group-keys.ts'
import type { Groups } from './groups.ts'
import type { Archive } from './history.ts'
import type { Mailboxes } from './mailboxes.ts'
import type { MediaStore } from './media.ts'
import type { PreKeys } from './prekeys.ts'
import type { Presences } from './presences.ts'
import type { Pictures } from './pictures.ts'
import type { Storage } from './storage.ts'
import type { Tokens } from './tokens.ts'
import type { UnknownStanzas } from './unknown.ts'
import type { Watchers } from './watchers.ts'

/** Where the simulator writes its few log lines (pino's shape). */
export type SimulatorLogger = {
  info(fields: object, words: string): void
  warn(fields: object, words: string): void
  error(fields: object, words: string): void
}

/** The whole small WhatsApp: what it remembers and who is connected to it. */
export type World = {
  readonly logger: SimulatorLogger
  readonly storage: Storage
  readonly accounts: Accounts
  /** Live logged-in sockets by device key (`<lid>:<device>`). */
  readonly connections: Map<string, Connection>
  readonly delivery: Delivery
  readonly signals: Signals
  readonly faults: Faults
  readonly unknown: UnknownStanzas
  readonly preKeys: PreKeys
  readonly watchers: Watchers
  readonly presences: Presences
  readonly calls: Calls
  readonly forms: Forms
  readonly tokens: Tokens
  /** What the phones received and wrote. */
  readonly mailboxes: Mailboxes
  readonly groupKeys: GroupKeys
  readonly groups: Groups
  readonly media: MediaStore
  readonly pictures: Pictures
  /** What the accounts' phones remember of their chats. */
  readonly archive: Archive
  /** Synchronised settings as the server keeps them: opaque patches. */
  readonly appStates: AppStates
  /** The same as the accounts' phones read and write them. */
  readonly appState: PhoneAppState
}
