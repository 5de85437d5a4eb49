import { once } from 'node:events'
import type { BinaryNode, Contact } from '@whiskeysockets/baileys'
import { droppedConsoleLines, quietConsole } from '../console.ts'
import { holds } from '../holds.ts'
import { hearPairs } from '../../pairs.ts'
import { PEER, type Bench } from './bench.ts'
import { gate, must, settled } from './require.ts'

/** One thing the guard relies on: what is wrong when it does not hold, and how that is found out. */
export interface Hook {
  readonly fault: string
  check(bench: Bench): Promise<void>
}

/** The holds themselves, taken as for a session's socket; then what each of them is for. */
export const socketHooks: readonly Hook[] = [
  ...holds.map(({ fault, take }) => ({ fault, check: async (bench: Bench) => take({ ...bench, keys: bench.auth.layer.keys }) })),
  {
    fault: 'what libsignal prints, private keys included, is not kept off the console',
    async check({ installed }) {
      quietConsole()
      const before = droppedConsoleLines()
      installed.printSession()
      must(droppedConsoleLines() > before)
    },
  },
  {
    fault: 'the account signature of a pairing is not checked before the pairing is answered',
    async check({ installed, socket, auth }) {
      const { public: key } = auth.creds.signedIdentityKey
      must(!installed.verifySignature(Buffer.concat([Buffer.from([5]), key]), Buffer.from('x'), Buffer.alloc(64)))
      must(installed.verifySignature(Buffer.concat([Buffer.from([5]), key]), Buffer.concat([Buffer.from([5]), auth.creds.signedPreKey.keyPair.public]), Buffer.from(auth.creds.signedPreKey.signature)))
      const forged: BinaryNode = { tag: 'iq', attrs: {}, content: [{ tag: 'pair-success', attrs: {}, content: [{ tag: 'device-identity', attrs: {}, content: Buffer.alloc(0) }] }] }
      let refused = false
      try {
        socket.ws.emit('CB:iq,,pair-success', forged)
      } catch {
        refused = true
      }
      must(refused && auth.creds.account === undefined)
    },
  },
  {
    fault: 'a frame that cannot be read would end the process',
    async check(bench) {
      const { socket, faults } = bench
      socket.ws.prependOnceListener('frame', () => {
        throw new Error('garbage')
      })
      socket.ws.emit('message', Buffer.from([0, 0, 1, 0]))
      await bench.eventually(() => faults.length === 1)
    },
  },
  {
    fault: 'frames leave before what they depend on is stored',
    async check(bench) {
      const { socket, writes } = bench
      const link = await bench.endpoint()
      await bench.eventually(() => bench.frames() > 0)
      const arrived = bench.frames()
      const disk = gate()
      bench.disk = disk.closed
      try {
        writes.write([{ kind: 'chat.touch', id: PEER.pn, timestamp: 0, unread: 0 }])
        const sent = socket.sendRawMessage(Buffer.from('x'))
        // A ping of the wire itself passes the barrier: had the frame left, it would have come before.
        const ping = once(link, 'ping')
        ;(socket.ws as unknown as { socket: { ping(): void } }).socket.ping()
        await Promise.all([ping, sent])
        must(bench.frames() === arrived)
      } finally {
        disk.open()
      }
      await bench.eventually(() => bench.frames() > arrived)
    },
  },
  {
    fault: 'the credentials are not whole when their change is told',
    async check({ socket, auth }) {
      let whole = false
      socket.ev.on('creds.update', () => (whole = auth.creds.platform === 'self-test'))
      socket.ev.emit('creds.update', { platform: 'self-test' })
      must(whole)
    },
  },
  {
    fault: 'events that are held back cannot be let go',
    async check({ socket }) {
      const told: Contact[] = []
      const hear = (contacts: Contact[]): void => void told.push(...contacts)
      socket.ev.on('contacts.upsert', hear)
      socket.ev.buffer()
      socket.ev.emit('contacts.upsert', [{ id: PEER.pn }])
      must(socket.ev.isBuffering() && told.length === 0)
      socket.ev.flush()
      must(told.length > 0)
      socket.ev.off('contacts.upsert', hear)
    },
  },
  {
    fault: 'a pair of phone and LID that Baileys stores is not heard of',
    async check({ socket }) {
      let heard = 0
      hearPairs(socket, () => (heard += 1))
      await socket.signalRepository.lidMapping.storeLIDPNMappings([{ lid: '1003@lid', pn: '15550000003@s.whatsapp.net' }])
      must(heard === 1)
    },
  },
  {
    fault: 'device lists are not taken from the store',
    async check({ socket, devices }) {
      await devices.cache.set('15550000004', [{ user: '15550000004', server: 's.whatsapp.net', device: 7 }])
      const found = await Promise.race([socket.getUSyncDevices(['15550000004@s.whatsapp.net'], true, false), settled().then(() => [])])
      must(found.some(({ device }) => device === 7))
    },
  },
  {
    fault: 'a notice of the own phone cannot be processed again',
    async check({ socket }) {
      const told: string[] = []
      socket.ev.on('messages.upsert', ({ messages }) => told.push(...messages.map(({ key }) => key.id ?? '')))
      await socket.upsertMessage({ key: { remoteJid: PEER.pn, id: 'AGAIN', fromMe: false }, message: { conversation: 'x' }, messageTimestamp: 1 }, 'append')
      socket.ev.flush()
      must(told.includes('AGAIN'))
    },
  },
]
