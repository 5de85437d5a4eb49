import type { BinaryNode, SignalDataSet, WASocket } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { installed, type Installed } from '../../../../src/whatsapp/guard/self-test/installed.ts'
import { selfTest } from '../../../../src/whatsapp/guard/self-test/self-test.ts'
import { until } from '../../../support/wait.ts'

const PATIENCE_MS = 4000

type Config = Parameters<Installed['makeSocket']>[0]
type Keys = Parameters<Installed['makeRepository']>[0]['keys']

/** A Baileys whose sockets are spoiled as soon as they are made. */
const socketWith = (spoil: (socket: WASocket) => void): Partial<Installed> => ({
  makeSocket: (config) => {
    const socket = installed.makeSocket(config)
    spoil(socket)
    return socket
  },
})
const configWith = (change: (config: Config) => Partial<Config>): Partial<Installed> => ({ makeSocket: (config) => installed.makeSocket({ ...config, ...change(config) }) })

/** A Baileys that hands its own listener of messages something else. */
const stanzasAs = (change: (stanza: BinaryNode) => BinaryNode): Partial<Installed> =>
  socketWith(({ ws }) => {
    const [handle] = ws.listeners('CB:message') as ((stanza: BinaryNode) => unknown)[]
    ws.removeAllListeners('CB:message')
    ws.on('CB:message', (stanza: BinaryNode) => handle?.(change(stanza)))
  })

/** A Baileys that stores a type of key in another shape than it works with. */
const keysAs = (type: keyof SignalDataSet, out: (value: never) => unknown, back: (value: never) => unknown): Partial<Installed> => ({
  makeRepository: (auth, ...rest) => {
    const { keys } = auth
    const each = (values: object, change: (value: never) => unknown): object =>
      Object.fromEntries(Object.entries(values).map(([id, value]) => [id, value === null || value === undefined ? value : change(value as never)]))
    const changed: Keys = {
      ...keys,
      get: async (asked, ids) => {
        const found = await keys.get(asked, ids)
        return (asked === type ? each(found, back) : found) as typeof found
      },
      set: async (data) => keys.set(Object.fromEntries(Object.entries(data).map(([name, values]) => [name, name === type ? each(values, out) : values]))),
    }
    return installed.makeRepository({ ...auth, keys: changed }, ...rest)
  },
})

/** Sets a property that nobody can replace. */
const pinned = (target: object, name: string, value: unknown): void => void Object.defineProperty(target, name, { value, writable: false })

const breakages: readonly (readonly [fault: string, broken: Partial<Installed>])[] = [
  ['is not kept off the console', { printSession: () => undefined }],
  ['account signature of a pairing is not checked', { verifySignature: () => true }],
  ['account signature of a pairing is not checked', socketWith(({ ws }) => pinned(ws, 'prependListener', () => ws))],
  ['a frame that cannot be read', socketWith(({ ws }) => void ws.on('message', () => undefined))],
  ['frames leave before', socketWith(({ ws }) => {
    const { socket } = ws as unknown as { socket: { send: (data: Uint8Array) => void } }
    pinned(socket, 'send', socket.send.bind(socket))
  })],
  ['do not come where they are taken from', socketWith(({ ws }) => void ws.removeAllListeners('CB:message'))],
  ['the credentials are not whole', configWith(({ auth }) => ({ auth: { ...auth, creds: { ...auth.creds } } }))],
  ['events that are held back', socketWith(({ ev }) => Object.assign(ev, { flush: () => false }))],
  ['a pair of phone and LID', socketWith(({ signalRepository: { lidMapping } }) => pinned(lidMapping, 'storeLIDPNMappings', async () => undefined))],
  ['device lists', { makeSocket: (config) => installed.makeSocket(Object.fromEntries(Object.entries(config).filter(([name]) => name !== 'userDevicesCache')) as Config) }],
  ['notice of the own phone', socketWith((socket) => Object.assign(socket, { upsertMessage: async () => undefined }))],
  ['to read a message does something else', { cleanMessage: () => undefined }],
  ['to read a message does something else', { decodeMessageNode: (stanza, meId, meLid) => ({ ...installed.decodeMessageNode(stanza, meId, meLid), fullMessage: { key: {} } }) }],
  ['to read a message does something else', { unpad: (bytes) => new Uint8Array(bytes) }],
  ['not decrypted by the guarded repository', configWith(() => ({ makeSignalRepository: installed.makeRepository }))],
  ['not written together with its ratchet step', stanzasAs((stanza) => ({ ...stanza, content: (stanza.content as BinaryNode[]).map((node) => ({ ...node, content: Buffer.from(node.content as Uint8Array) })) }))],
  ['a live message overtakes', stanzasAs((stanza) => {
    if (stanza.attrs['id'] === 'LIVE') delete stanza.attrs['offline']
    return stanza
  })],
  ['a session that did not fit', keysAs('session', ({ _sessions, ...rest }: { _sessions: unknown }) => ({ ...rest, sessions: _sessions }), ({ sessions, ...rest }: { sessions: unknown }) => ({ ...rest, _sessions: sessions }))],
  ['a group message that comes out of order', keysAs('sender-key', (value: Uint8Array) => ({ wrapped: value }), ({ wrapped }: { wrapped: Uint8Array }) => wrapped)],
]

describe('the self-test', () => {
  it('holds for the Baileys that is installed, and leaves nothing behind', async () => {
    const open = (): number => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length
    const before = open()
    await expect(selfTest()).resolves.toBeUndefined()
    await until(() => open() <= before, 'every socket to be closed')
  })

  it.each(breakages)('names what is broken: %s', async (fault, broken) => {
    const words = await selfTest({ ...installed, ...broken }, PATIENCE_MS).then(() => 'it held', (error: Error) => error.message)
    expect(words).toContain(fault)
    expect(words).toMatch(/^Puente cannot guard the Baileys 7\.0\.0-rc14 that is installed: [^\n]+$/)
  })

  it('names an encryption that goes past the guard', async () => {
    const past = socketWith((socket) => Object.assign(socket.signalRepository, { encryptMessage: async () => ({ type: 'msg', ciphertext: new Uint8Array(8) }) }))
    await expect(selfTest({ ...installed, ...past }, PATIENCE_MS)).rejects.toThrow('not encrypted by the guarded repository')
  })
})
