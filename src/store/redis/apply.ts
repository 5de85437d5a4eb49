import type { Change } from '../store.ts'
import { authWrites } from './auth.ts'
import { chatWrites } from './chat-writes.ts'
import type { Writes, Writing } from './commit.ts'
import { contactWrites } from './contacts.ts'
import { deviceWrites } from './devices.ts'
import { eventWrites } from './events.ts'
import { groupWrites } from './groups.ts'
import { journalWrites } from './journal.ts'
import { messageWrites } from './message-writes.ts'
import { outboxWrites } from './outbox.ts'
import { sessionWrites } from './sessions.ts'
import { webhookWrites } from './webhooks.ts'

const WRITES: Writes<Change['kind']> = {
  ...sessionWrites, ...authWrites, ...chatWrites, ...contactWrites, ...messageWrites, ...groupWrites, ...outboxWrites, ...journalWrites, ...deviceWrites, ...eventWrites, ...webhookWrites,
}

/** Writes a change into a draft. */
export async function apply(writing: Writing, change: Change): Promise<void> {
  await (WRITES[change.kind] as (writing: Writing, change: Change) => Promise<void> | void)(writing, change)
}
