import { SenderKeyMessage, SenderKeyRecord } from '@whiskeysockets/baileys/lib/Signal/Group/index.js'
import { BufferJSON, Curve, DEFAULT_CONNECTION_CONFIG, generateSignalPubKey, initAuthCreds, type AuthenticationCreds, type SignalRepositoryWithLIDStore } from '@whiskeysockets/baileys'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { openMemory } from '../../../src/store/memory.ts'
import type { Store } from '../../../src/store/store.ts'
import { quietConsole } from '../../../src/whatsapp/guard/console.ts'
import { parseKey, stringifyKey } from '../../../src/whatsapp/guard/key-codec.ts'
import { keyLayer, type KeyLayer } from '../../../src/whatsapp/guard/key-layer.ts'
import { guardedRepository, type DecryptJournal } from '../../../src/whatsapp/guard/signal-repository.ts'
import { writeBehind } from '../../../src/whatsapp/guard/write-behind.ts'

quietConsole()

const logger = pino({ level: 'silent' })
const ALICE = '111@lid'
const BOB = '222@lid'
const GROUP = '120363000000000001@g.us'

interface Device {
  readonly creds: AuthenticationCreds
  readonly layer: KeyLayer
  readonly repository: SignalRepositoryWithLIDStore
}

/** A device whose repository is ours, or Baileys' stock one over the same keys. */
function device(kind: 'guarded' | 'stock'): Device {
  const creds = initAuthCreds()
  const store = openMemory()
  const layer = keyLayer(store, 's', writeBehind(store, 's', (error) => { throw error }))
  if (kind === 'guarded') return { creds, layer, repository: guardedRepository(layer, null)({ creds, keys: layer.keys }, logger) }
  const keys = { ...layer.keys, set: (data: Parameters<typeof layer.keys.set>[0]) => layer.transact(async () => layer.keys.set(data)) }
  return { creds, layer, repository: DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds, keys }, logger) }
}

let nextPreKey = 1

/** A fresh bundle of the device, as the server hands one out. */
async function bundle({ creds, layer }: Device): Promise<Parameters<SignalRepositoryWithLIDStore['injectE2ESession']>[0]['session']> {
  const keyId = nextPreKey++
  const preKey = Curve.generateKeyPair()
  await layer.keys.set({ 'pre-key': { [keyId]: preKey } })
  return {
    registrationId: creds.registrationId,
    identityKey: generateSignalPubKey(creds.signedIdentityKey.public),
    signedPreKey: { keyId: creds.signedPreKey.keyId, publicKey: generateSignalPubKey(creds.signedPreKey.keyPair.public), signature: creds.signedPreKey.signature },
    preKey: { keyId, publicKey: generateSignalPubKey(preKey.public) },
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
const seal = (from: Device, jid: string, words: string) => from.repository.encryptMessage({ jid, data: Buffer.from(words) })
const unseal = async (to: Device, jid: string, { type, ciphertext }: { type: 'pkmsg' | 'msg'; ciphertext: Uint8Array }): Promise<string> => text(await to.repository.decryptMessage({ jid, type, ciphertext }))

/** Bob gets a message on the old session after he made a new one, then writes twice. */
async function crossRefresh(bob: Device): Promise<string[]> {
  const alice = device('guarded')
  await alice.repository.injectE2ESession({ jid: BOB, session: await bundle(bob) })
  await unseal(bob, ALICE, await seal(alice, BOB, 'hello'))
  await unseal(alice, BOB, await seal(bob, ALICE, 'hello to you'))
  const crossing = await seal(alice, BOB, 'crossing')
  await bob.repository.injectE2ESession({ jid: ALICE, session: await bundle(alice) })
  const first = await seal(bob, ALICE, 'first')
  const read = [await unseal(bob, ALICE, crossing), await unseal(alice, BOB, first)]
  read.push(await unseal(bob, ALICE, await seal(alice, BOB, 'answer')))
  const second = await seal(bob, ALICE, 'second')
  read.push(await unseal(alice, BOB, second))
  return read
}

describe('guardedRepository', () => {
  it('keeps every session whole when a message crosses a refresh', async () => {
    expect(await crossRefresh(device('guarded'))).toEqual(['crossing', 'first', 'answer', 'second'])
  })

  it('reads a group message that arrives out of order', async () => {
    const [author, reader] = [device('guarded'), device('guarded')]
    const sealed: Uint8Array[] = []
    for (const words of ['one', 'two', 'three']) {
      const { ciphertext, senderKeyDistributionMessage } = await author.repository.encryptGroupMessage({ group: GROUP, meId: ALICE, data: Buffer.from(words) })
      if (words === 'one') await reader.repository.processSenderKeyDistributionMessage({ authorJid: ALICE, item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: senderKeyDistributionMessage } })
      sealed.push(ciphertext)
    }
    const read: string[] = []
    for (const index of [2, 0, 1]) read.push(text(await reader.repository.decryptGroupMessage({ group: GROUP, authorJid: ALICE, msg: sealed[index] ?? Buffer.alloc(0) })))
    expect(read).toEqual(['three', 'one', 'two'])
  })

  it('takes one step of the sender key a message, so that nobody keeps skipped keys', async () => {
    const [author, reader] = [device('guarded'), device('guarded')]
    const iterations: number[] = []
    for (let n = 0; n < 5; n += 1) {
      const { ciphertext, senderKeyDistributionMessage } = await author.repository.encryptGroupMessage({ group: GROUP, meId: ALICE, data: Buffer.from(`message ${n}`) })
      if (n === 0) await reader.repository.processSenderKeyDistributionMessage({ authorJid: ALICE, item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: senderKeyDistributionMessage } })
      iterations.push(new SenderKeyMessage(null, null, null, null, ciphertext).getIteration())
      expect(text(await reader.repository.decryptGroupMessage({ group: GROUP, authorJid: ALICE, msg: ciphertext }))).toBe(`message ${n}`)
    }
    expect(iterations).toEqual([0, 1, 2, 3, 4])
    const name = `${GROUP}::111_1::0`
    for (const { layer } of [author, reader]) {
      const record = (await layer.keys.get('sender-key', [name]))[name] ?? Buffer.from('[]')
      expect(SenderKeyRecord.deserialize(record).getSenderKeyState()?.getStructure().senderMessageKeys).toEqual([])
    }
  })

  it('leaves the record as it was when no session opens a message', async () => {
    const [alice, bob] = [device('guarded'), device('guarded')]
    await alice.repository.injectE2ESession({ jid: BOB, session: await bundle(bob) })
    await unseal(bob, ALICE, await seal(alice, BOB, 'hello'))
    await unseal(alice, BOB, await seal(bob, ALICE, 'hello to you'))
    const damaged = await seal(alice, BOB, 'damaged')
    damaged.ciphertext[damaged.ciphertext.length - 1] = (damaged.ciphertext.at(-1) ?? 0) ^ 0xff
    const before = JSON.stringify(await bob.layer.keys.get('session', ['111_1.0']))
    await expect(unseal(bob, ALICE, damaged)).rejects.toThrow(/sessions|MAC/)
    expect(JSON.stringify(await bob.layer.keys.get('session', ['111_1.0']))).toBe(before)
    expect(await unseal(bob, ALICE, await seal(alice, BOB, 'next'))).toBe('next')
  })

  it('writes nothing outside a transaction when sessions of one process share a contact', async () => {
    const contact = device('guarded')
    const ours = [device('guarded'), device('guarded')]
    for (const [index, mine] of ours.entries()) await contact.repository.injectE2ESession({ jid: `${300 + index}@lid`, session: await bundle(mine) })
    for (let round = 0; round < 10; round += 1) {
      const sealed = await Promise.all(ours.map((_, index) => seal(contact, `${300 + index}@lid`, `round ${round}`)))
      const read = await Promise.all(ours.map((mine, index) => unseal(mine, ALICE, sealed[index] as Awaited<ReturnType<typeof seal>>)))
      expect(read).toEqual([`round ${round}`, `round ${round}`])
    }
    expect(ours.map(({ layer }) => layer.refused())).toEqual([0, 0])
  })
})

describe('a decrypt', () => {
  it('is one commit: the step of the ratchet and what belongs to it', async () => {
    const commits: string[][] = []
    const creds = initAuthCreds()
    const memory = openMemory()
    const store: Store = { ...memory, commit: async (sessionId, changes) => {
      commits.push(changes.map(({ kind }) => kind))
      return memory.commit(sessionId, changes)
    } }
    const layer = keyLayer(store, 's', writeBehind(store, 's', (error) => { throw error }))
    const journal: DecryptJournal = {
      known: async () => null,
      decrypted: async (_ciphertext, _plaintext, transaction) => transaction.add([{ kind: 'journal.prune', before: 0, limit: 1 }]),
      tried: () => undefined,
    }
    const bob: Device = { creds, layer, repository: guardedRepository(layer, journal)({ creds, keys: layer.keys }, logger) }
    const alice = device('guarded')
    await alice.repository.injectE2ESession({ jid: BOB, session: await bundle(bob) })
    for (const words of ['first', 'second']) {
      commits.length = 0
      expect(await unseal(bob, ALICE, await seal(alice, BOB, words))).toBe(words)
      expect(commits).toEqual([['auth.put', 'journal.prune']])
    }
  })
})

describe('keyLayer', () => {
  it('drops what a failed operation wrote', async () => {
    const { layer } = device('guarded')
    await expect(layer.transact(async () => {
      await layer.keys.set({ session: { a: Buffer.from('x') } })
      expect(Object.keys(await layer.keys.get('session', ['a']))).toEqual(['a'])
      throw new Error('no')
    })).rejects.toThrow('no')
    expect(await layer.keys.get('session', ['a'])).toEqual({})
  })

  it('hands out a session as it was committed last, and as the store has it', async () => {
    const store = openMemory()
    const layer = keyLayer(store, 's', writeBehind(store, 's', (error) => { throw error }))
    const put = (_sessions: object): Promise<void> => layer.transact(async () => layer.keys.set({ session: { a: { _sessions } as never } }))
    const get = async (): Promise<unknown> => (await layer.keys.get('session', ['a']))['a']
    const stored = async (): Promise<unknown> => JSON.parse((await store.auth.get('s', 'session', ['a'])).get('a') ?? 'null') as unknown
    await put({ step: 1 })
    expect([await get(), await stored()]).toEqual([{ _sessions: { step: 1 } }, { _sessions: { step: 1 } }])
    await expect(layer.transact(async (transaction) => {
      await layer.keys.set({ session: { a: { _sessions: { step: 2 } } as never } })
      expect(await get()).toEqual({ _sessions: { step: 2 } })
      transaction.put('session', 'a', JSON.stringify({ _sessions: { step: 3 } }))
      expect(await get()).toEqual({ _sessions: { step: 3 } })
      throw new Error('no')
    })).rejects.toThrow('no')
    expect(await get()).toEqual({ _sessions: { step: 1 } })
    await layer.transact(async (transaction) => transaction.put('session', 'a', JSON.stringify({ _sessions: { step: 4 } })))
    expect([await get(), await stored()]).toEqual([{ _sessions: { step: 4 } }, { _sessions: { step: 4 } }])
    await layer.keys.set({ session: { a: null } })
    expect([await get(), await stored()]).toEqual([undefined, null])
  })

  it('writes nothing for a socket that has ended: its follower may have gone on', async () => {
    const store = openMemory()
    const made = (): { layer: KeyLayer; end: () => void } => {
      const writes = writeBehind(store, 's', (error) => { throw error })
      return { layer: keyLayer(store, 's', writes), end: writes.close }
    }
    const put = ({ transact, keys }: KeyLayer, step: number): Promise<void> => transact(async () => keys.set({ session: { a: { _sessions: { step } } as never } }))
    const get = async ({ keys }: KeyLayer): Promise<unknown> => (await keys.get('session', ['a']))['a']
    const { layer: ended, end } = made()
    await put(ended, 1)
    end()
    const { layer: follower } = made()
    await put(follower, 2)
    await expect(put(ended, 1.5)).rejects.toThrow('the socket has ended')
    await expect(ended.keys.set({ 'pre-key': { 1: { public: Buffer.alloc(1), private: Buffer.alloc(1) } } })).rejects.toThrow('the socket has ended')
    expect([await get(follower), await get(made().layer)]).toEqual([{ _sessions: { step: 2 } }, { _sessions: { step: 2 } }])
    expect(await store.auth.get('s', 'pre-key', ['1'])).toEqual(new Map())
  })

  it('asks the store for a key once, absent or not, and never tells what was before the last write', async () => {
    const memory = openMemory()
    let asked = 0
    let hold = Promise.resolve()
    const auth: Store['auth'] = {
      ...memory.auth,
      async get(sessionId, type, ids) {
        asked += 1
        const found = await memory.auth.get(sessionId, type, ids)
        await hold
        return found
      },
    }
    const store: Store = { ...memory, auth, commit: (sessionId, changes) => memory.commit(sessionId, changes) }
    const layer = keyLayer(store, 's', writeBehind(store, 's', (error) => { throw error }))
    const get = async (): Promise<unknown> => (await layer.keys.get('device-list', ['me']))['me']
    expect([await get(), await get(), asked]).toEqual([undefined, undefined, 1])
    await layer.keys.set({ 'device-list': { me: ['0'] } })
    expect([await get(), asked]).toEqual([['0'], 1])
    await expect(layer.transact(async () => {
      await layer.keys.set({ 'device-list': { me: null } })
      expect(await get()).toBeUndefined()
      throw new Error('no')
    })).rejects.toThrow('no')
    expect(await get()).toEqual(['0'])
    await layer.transact(async () => layer.keys.set({ 'device-list': { me: ['0', '1'] }, session: { a: {} as never } }))
    expect([await get(), asked]).toEqual([['0', '1'], 1])
    // A read that began before a write.
    const other = keyLayer(store, 's', writeBehind(store, 's', (error) => { throw error }))
    let release = (): void => undefined
    hold = new Promise((resolve) => (release = resolve))
    const early = other.keys.get('device-list', ['me'])
    await other.keys.set({ 'device-list': { me: ['2'] } })
    release()
    await early
    expect((await other.keys.get('device-list', ['me']))['me']).toEqual(['2'])
  })

  it('refuses and counts a ratchet that is written outside a transaction, but lets it be deleted', async () => {
    const { layer } = device('guarded')
    await expect(layer.keys.set({ session: { a: Buffer.from('x') } })).rejects.toThrow('outside a transaction')
    await layer.keys.set({ session: { a: null } })
    expect(layer.refused()).toBe(1)
  })

  it('writes a session as plain JSON, which leaves nothing out', async () => {
    const [alice, bob] = [device('guarded'), device('guarded')]
    await alice.repository.injectE2ESession({ jid: BOB, session: await bundle(bob) })
    const [first, second, third] = [await seal(alice, BOB, 'one'), await seal(alice, BOB, 'two'), await seal(alice, BOB, 'three')]
    await unseal(bob, ALICE, first)
    // The key of the second one is kept as skipped.
    await unseal(bob, ALICE, third)
    const address = bob.repository.jidToSignalProtocolAddress(ALICE)
    const session = (await bob.layer.keys.get('session', [address]))[address]
    const written = stringifyKey('session', session)
    expect(written).toBe(JSON.stringify(session, BufferJSON.replacer))
    expect(parseKey('session', written)).toEqual(JSON.parse(written, BufferJSON.reviver))
    expect(await unseal(bob, ALICE, second)).toBe('two')
  })

  it('hands out a fresh object each time', async () => {
    const { layer } = device('guarded')
    await layer.keys.set({ 'device-list': { me: ['0'] } })
    ;(await layer.keys.get('device-list', ['me']))['me']?.push('1')
    expect((await layer.keys.get('device-list', ['me']))['me']).toEqual(['0'])
  })
})
