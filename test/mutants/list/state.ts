import { inbound, linking, store } from '../catchers.ts'
import { mutant, tests, type Mutant } from '../mutant.ts'

const AUTH = 'src/whatsapp/auth-state.ts'
const MESSAGES = 'test/e2e/faults/messages.test.ts'
const CREDS = tests('test/whatsapp/auth-state.test.ts')
const ARCHIVE = tests('test/e2e/faults/archive.test.ts')
const INBOUND = 'src/whatsapp/inbound/messages.ts'
const WRITES = 'src/store/sqlite/message-writes.ts'
const PUT = 'else if (!replace(sessionId, message)) return'
const TOLD_AGAIN = 'else replace(sessionId, message)'
const AT_HAND = tests('test/store/sqlite/at-hand.test.ts')

/** Credentials, the disk, and what becomes of what came in. */
export const STATE: readonly Mutant[] = [
  mutant('absent-is-not-error', 'credentials that cannot be read are not taken for absent', AUTH, '(await store.auth.get(sessionId, CREDS.type, [CREDS.id])).get', '(await store.auth.get(sessionId, CREDS.type, [CREDS.id]).catch(() => new Map<string, string>())).get', CREDS),
  mutant('no-new-identity', 'a linked session never gets fresh credentials', AUTH, 'if (linked) throw new CredentialsMissing(sessionId)', '', CREDS),
  mutant('pre-key-floor', 'a pre-key id is not used again', AUTH, 'creds.nextPreKeyId = highest + 1', '', CREDS),
  mutant('creds-at-once', 'changed credentials are enqueued before anything may depend on them', 'src/whatsapp/connection.ts', 'attempt(() => auth.saveCreds(), end)', 'setTimeout(() => attempt(() => auth.saveCreds(), end), 200)', linking),
  mutant('linked-marker', 'a 401 before the link was finished begins it anew', 'src/whatsapp/reconnect.ts', "return linked ? { kind: 'stop'", "return linked || code === 401 ? { kind: 'stop'", tests('test/whatsapp/reconnect.test.ts')),
  mutant('archive', 'the credentials of a link that is over are put aside, not deleted', 'src/store/sqlite/auth.ts', '      archive.run(at, sessionId)\n', '', ARCHIVE),
  mutant('archive-on-401', 'a logout by WhatsApp puts the credentials aside', 'src/whatsapp/connection.ts', 'await archiveAuthState(store, sessionId)', 'await clearAuthState(store, sessionId)', ARCHIVE),
  mutant('read-failure', 'a key that cannot be read ends the connection before WhatsApp hears of it', 'src/whatsapp/guard/key-layer.ts', 'if (error instanceof StoreFailed) writes.fail(error)', 'void StoreFailed', store),
  mutant('write-failure', 'a write that failed ends the connection', 'src/whatsapp/guard/write-behind.ts', '    onFault(fault)\n', '    void onFault\n', tests('test/whatsapp/guard/write-behind.test.ts')),
  mutant('follow-up', 'nothing is written behind a commit that the disk refused', 'src/store/sqlite/follow-up.ts', 'if (told < failure.number) return failure.fault', '', tests('test/store/sqlite/follow-up.test.ts')),
  mutant('heads', 'a commit that is taken back leaves no gap in the log', 'src/store/sqlite/transaction.ts', "db.exec('ROLLBACK TO one')\n          heads.forget()", "db.exec('ROLLBACK TO one')", tests('test/store/sqlite/heads.test.ts')),
  mutant('dedupe', 'a message that is stored is not told again', WRITES, PUT, TOLD_AGAIN, inbound),
  mutant('dedupe-in-store', 'the store tells of a message once, whoever puts it', WRITES, PUT, TOLD_AGAIN, tests('test/store/sqlite.test.ts')),
  mutant('dedupe-by-row', 'that a message cannot be read is no news when its row is there', INBOUND, 'if (scope.directory.typeOf(key) === null) scope.emit', 'scope.emit', tests('test/whatsapp/inbound/golden.test.ts')),
  mutant('superseded', 'content takes the place of what could not be read', 'src/store/rules/messages.ts', "if (stored.type !== 'undecryptable' || stored.deletedAt !== null) return null", "if (stored.type !== 'undecryptable' || stored.deletedAt !== undefined) return null", tests(MESSAGES, 'takes the place of the row')),
  {
    name: 'append', off: 'what waited at the server is told like what comes live', caughtBy: inbound,
    edits: [
      { file: 'src/whatsapp/guard/journal.ts', find: 'if (own || !hasContent(message.message)) return', replace: "if (own || !hasContent(message.message) || stanza.attrs['offline'] !== undefined) return" },
      { file: 'src/whatsapp/intake.ts', find: 'const messages = upsert.messages.filter', replace: "if (upsert.type === 'append') return null\n        const messages = upsert.messages.filter" },
    ],
  },
  mutant('journal-at-hand', 'what is on its way to the journal is known of', 'src/store/sqlite/journal-index.ts', '...stored, ...pending.hashes(sessionId)', '...stored', AT_HAND),
  mutant('contacts-at-hand', 'a contact is not told as it was before a merge', 'src/store/sqlite/contacts-at-hand.ts', 'found?.step === pending.contactStep(sessionId) ? found.row', 'found !== undefined ? found.row', AT_HAND),
  mutant('chat-echo', 'what a chat is told beside a written message is taken', 'src/whatsapp/guard/echoes.ts', '|| !Object.keys(update).every((name) => OF_A_STEP.has(name))', '', tests('test/whatsapp/guard/echoes.test.ts')),
  mutant('peer-leak', 'messages between own devices are not told', INBOUND, "if (key === null || message.category === 'peer') return", 'if (key === null) return', tests('test/whatsapp/inbound/golden.test.ts', 'peer')),
]
