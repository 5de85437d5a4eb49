import { layout } from './0001-layout.ts'
import { nothingLost } from './0002-nothing-lost.ts'
import { housekeeping } from './0003-housekeeping.ts'
import { webhooks } from './0004-webhooks.ts'
import { oneLog } from './0005-one-log.ts'
import { forgetByHash } from './0006-forget-by-hash.ts'

/** Every step of the layout in order: the n-th brings a database from version n - 1 to n. A step that was released is never changed. */
export const migrations: readonly string[] = [layout, nothingLost, housekeeping, webhooks, oneLog, forgetByHash]
