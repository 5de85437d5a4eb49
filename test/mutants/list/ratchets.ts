import { inbound, inboundSlow } from '../catchers.ts'
import { mutant, tests, type Mutant } from '../mutant.ts'

const LAYER = 'src/whatsapp/guard/key-layer.ts'
const REPOSITORY = 'src/whatsapp/guard/signal-repository.ts'
const JOURNAL = 'src/whatsapp/guard/journal.ts'
const UNIT = 'test/whatsapp/guard/signal-repository.test.ts'

/** The Signal keys, and what is committed with each of their steps. */
export const RATCHETS: readonly Mutant[] = [
  {
    name: 'one-commit', off: 'a decrypt writes its ratchet, its journal row and its message in one commit', caughtBy: tests(UNIT, 'a decrypt'),
    edits: [
      { file: LAYER, find: 'if (!pending && RATCHETS.has(type)', replace: 'if (!pending && type === \'\' && RATCHETS.has(type)' },
      { file: LAYER, find: 'if (pending) for (const key of keys) pending.written.set(`${key.type} ${key.id}`, key)\n    else if (keys', replace: 'if (keys' },
    ],
  },
  mutant('failed-operations', 'what a failed Signal operation wrote is dropped', LAYER, '    } catch (error) {\n      return unreadable(error)', "    } catch (error) {\n      writes.write([{ kind: 'auth.put', keys: [...pending.written.values()] }])\n      return unreadable(error)", tests(UNIT, 'keyLayer')),
  mutant('late-writes', 'a ratchet written outside a transaction is refused', LAYER, "Object.values(values ?? {}).some((value) => value !== null)) {", "Object.values(values ?? {}).some((value) => value === undefined)) {", tests(UNIT, 'keyLayer')),
  {
    name: 'fresh-objects', off: 'Baileys gets a fresh object at each read of a key', caughtBy: tests(UNIT, 'keyLayer'),
    edits: [
      { file: LAYER, find: '  let refused = 0\n', replace: '  let refused = 0\n  const held = new Map<string, unknown>()\n' },
      { file: LAYER, find: 'found[id] = parseKey(type, value)', replace: 'found[id] = (held.get(value) ?? held.set(value, parseKey(type, value)).get(value)) as SignalDataTypeMap[T]' },
    ],
  },
  mutant('ended-socket', 'an ended socket writes nothing beside its follower', 'src/whatsapp/guard/write-behind.ts', "if (closed) throw new Error('the socket has ended')", 'void closed', tests(UNIT, 'keyLayer')),
  mutant('address-lock', 'one Signal operation at a time on an address, in the whole process', 'src/whatsapp/guard/address-lock.ts', 'const turn = before.then(work, work)', 'const turn = work()', tests(UNIT, 'share a contact')),
  mutant('session-isolation', 'of several sessions with a contact, each is tried alone', REPOSITORY, "options.type === 'msg' ? oneSessionAtATime", "options.type === ('' as string) ? oneSessionAtATime", tests(UNIT, 'crosses a refresh')),
  mutant('sender-key-repair', 'skipped keys of a group are written so that they can be read', 'src/whatsapp/guard/key-codec.ts', "type === 'sender-key' ? repairSenderKey(value) : value", "type === '' ? repairSenderKey(value) : value", tests(UNIT, 'out of order')),
  mutant('sender-key-step', 'a group message takes one step of its sender key', 'src/whatsapp/guard/sender-key.ts', 'state.setSenderChainKey(chain.getNext())', 'state.setSenderChainKey(chain.getNext().getNext())', tests(UNIT, 'one step')),
  mutant('journal', 'a redelivered ciphertext is answered from the journal', JOURNAL, 'return row?.plaintext ?? null', 'return row === undefined ? (row ?? null) : null', inboundSlow),
  mutant('one-copy', 'an acknowledged receipt ends one copy of a message that came twice', JOURNAL, 'all.shift()?.hashes ?? []', 'all.splice(0).flatMap(({ hashes }) => hashes)', tests('test/whatsapp/guard/journal.test.ts', 'one copy')),
  mutant('message-in-commit', 'a message is written with its ratchet step, not when Baileys emits it', JOURNAL, 'if (own || !hasContent(message.message)) return', 'if (own || hasContent(message.message)) return', inboundSlow),
  mutant('peer-replay', 'notices of the own phone that were not finished are processed again', JOURNAL, 'for (const row of await store.journal.open(sessionId)) {', 'for (const row of (await store.journal.open(sessionId)).slice(0, 0)) {', tests('test/whatsapp/guard/journal.test.ts')),
  mutant('key-share', 'the shared settings key is written with its ratchet step', JOURNAL, 'if (own) keepNotice(message, transaction)', 'void keepNotice', tests('test/e2e/process/key-share.test.ts')),
  mutant('device-lists', 'device lists outlive a restart', 'src/whatsapp/guard/device-cache.ts', 'missing.length === 0 ? null : await', 'missing.length >= 0 ? null : await', tests('test/whatsapp/guard/device-cache.test.ts')),
  mutant('device-watch', 'a hint that device lists are old makes the next send ask again', 'src/whatsapp/guard/device-watch.ts', '(phash !== undefined || error === STALE_DEVICE)', "(phash === '' || error === STALE_DEVICE)", tests('test/whatsapp/guard/device-watch.test.ts')),
  mutant('offline-first', 'live messages wait for those of the offline queue', 'src/whatsapp/guard/arrivals.ts', "stanza.attrs['offline'] = '0'", "stanza.attrs['t'] ??= '0'", inbound),
  mutant('arrival-order', 'one message stanza is handled after the other', 'src/whatsapp/guard/arrival-order.ts', 'tail = tail.then(() => handle(stanza))', 'tail = Promise.resolve(handle(stanza))', tests('test/whatsapp/guard/arrival-order.test.ts')),
]
