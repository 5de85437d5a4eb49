import { afterAll, beforeAll, describe } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { testAuth } from './store/auth.ts'
import { testChats } from './store/chats.ts'
import { testCommits } from './store/commits.ts'
import { testContacts } from './store/contacts.ts'
import { testDevices } from './store/devices.ts'
import { testGroupsAndOutbox } from './store/groups-outbox.ts'
import { testLogAndJournal } from './store/log.ts'
import { testMessageChanges } from './store/message-changes.ts'
import { testMessages } from './store/messages.ts'
import { testModel } from './store/model.ts'
import { testSessions } from './store/sessions.ts'
import { testTexts } from './store/texts.ts'
import { testWebhooks } from './store/webhooks.ts'

/** What a part of the suite works with. */
export interface Bench {
  /** The store under test, shared by all tests of the suite. */
  readonly store: Store
  /** A session id that no other test uses. */
  newSession(): string
  /** Checks before the commit is durable, and again when it is. */
  seen(commit: Promise<void>, check: () => Promise<void>): Promise<void>
}

/** The suite that every backend passes; `open` gives an empty store. */
export function testStore(name: string, open: () => Promise<Store>): void {
  describe(`store: ${name}`, () => {
    let opened: Store | null = null
    let sessions = 0
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => opened?.close())

    const bench: Bench = {
      get store() {
        if (opened === null) throw new Error('not open yet')
        return opened
      },
      newSession: () => `session-${++sessions}`,
      async seen(commit, check) {
        await check()
        await commit
        await check()
      },
    }
    testSessions(bench)
    testAuth(bench)
    testChats(bench)
    testContacts(bench)
    testMessages(bench)
    testMessageChanges(bench)
    testGroupsAndOutbox(bench)
    testDevices(bench)
    testLogAndJournal(bench)
    testCommits(bench)
    testTexts(bench)
    testWebhooks(bench)
    testModel(bench)
  })
}
