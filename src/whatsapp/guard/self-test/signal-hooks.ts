import { proto } from '@whiskeysockets/baileys'
import { bundleOf, ME, padded, PEER, type Bench } from './bench.ts'
import { gate, must, settled } from './require.ts'
import type { Hook } from './socket-hooks.ts'

const GROUP = '120363000000000001@g.us'
/** Where libsignal keeps the peer: the LID's user and its domain, device 0. */
const ADDRESS = '1002_1.0'

interface SessionRecord {
  readonly version?: unknown
  readonly _sessions?: Record<string, { readonly indexInfo?: { readonly used?: unknown } }>
}

/** The stored record of the sessions with the peer, each as text. */
async function sessionsOf({ store }: Bench): Promise<Map<string, string>> {
  const record = JSON.parse((await store.auth.get('self-test', 'session', [ADDRESS])).get(ADDRESS) ?? '{}') as SessionRecord
  const sessions = Object.entries(record._sessions ?? {})
  must(record.version !== undefined && sessions.every(([, { indexInfo }]) => typeof indexInfo?.used === 'number'))
  return new Map(sessions.map(([key, session]) => [key, JSON.stringify(session)]))
}

const encrypt = ({ peer }: Bench, text: string) => peer.repository.encryptMessage({ jid: ME.lid, data: padded(text) })

/** How the guard holds decryption and encryption; each goes on where the one before ended. */
export const signalHooks: readonly Hook[] = [
  {
    fault: 'what the guard takes from Baileys to read a message does something else',
    async check({ installed }) {
      const { fullMessage } = installed.decodeMessageNode({ tag: 'message', attrs: { from: PEER.lid, sender_pn: PEER.pn, id: 'A', t: '5', type: 'text', notify: 'Peer' } }, ME.id, ME.lid)
      must(fullMessage.key.id === 'A' && fullMessage.key.remoteJid === PEER.lid && !fullMessage.key.fromMe && fullMessage.pushName === 'Peer')
      const content = proto.Message.decode(installed.unpad(padded('text')))
      must(content.conversation === 'text')
      fullMessage.message = { reactionMessage: { key: { remoteJid: ME.lid, fromMe: false, id: 'B' }, text: 'x' } }
      installed.cleanMessage(fullMessage, ME.id, ME.lid)
      must(fullMessage.message.reactionMessage?.key?.remoteJid === fullMessage.key.remoteJid)
      const bytes = proto.WebMessageInfo.encode({ key: { id: 'A' }, message: { deviceSentMessage: { message: { protocolMessage: { appStateSyncKeyShare: { keys: [{ keyId: { keyId: Buffer.from('k') }, keyData: { keyData: Buffer.from('d') } }] } } } } } }).finish()
      const share = proto.WebMessageInfo.decode(bytes).message?.deviceSentMessage?.message?.protocolMessage?.appStateSyncKeyShare
      must(Buffer.from(share?.keys?.[0]?.keyId?.keyId ?? []).toString() === 'k')
    },
  },
  {
    fault: 'messages are not decrypted by the guarded repository',
    async check(bench) {
      await bench.peer.repository.injectE2ESession({ jid: ME.lid, session: bundleOf(bench.auth.creds) })
      const sealed = await encrypt(bench, 'one')
      must(sealed.type === 'pkmsg')
      bench.socket.ws.emit('CB:message', bench.stanza('ONE', sealed))
      await bench.eventually(() => bench.tried.size > 0)
    },
  },
  {
    fault: 'a message is not written together with its ratchet step',
    async check(bench) {
      await bench.eventually(async () => (await bench.stored('ONE'))?.text === 'one')
      const kinds = bench.commits.find((changes) => changes.some((change) => change.kind === 'journal.put'))?.map((change) => change.kind)
      must(kinds?.[0] === 'auth.put' && kinds.includes('message.put'))
    },
  },
  {
    fault: 'messages are not encrypted by the guarded repository',
    async check({ socket, commits, peer }) {
      const before = commits.length
      const { type, ciphertext } = await socket.signalRepository.encryptMessage({ jid: PEER.lid, data: padded('answer') })
      must(commits.slice(before).some(([change]) => change?.kind === 'auth.put' && change.keys.some((key) => key.type === 'session')))
      const opened = await peer.repository.decryptMessage({ jid: ME.lid, type, ciphertext })
      must(Buffer.from(opened).equals(padded('answer')))
    },
  },
  {
    fault: 'a live message overtakes those that waited',
    async check(bench) {
      const [waited, live] = [await encrypt(bench, 'waited'), await encrypt(bench, 'live')]
      const held = gate()
      bench.gate = held.closed
      let begun = false
      const { lidMapping } = bench.socket.signalRepository
      const store = lidMapping.storeLIDPNMappings
      try {
        bench.socket.ws.emit('CB:message', bench.stanza('WAITED', waited, { offline: '1' }))
        await bench.eventually(() => bench.tried.has(waited.ciphertext))
        lidMapping.storeLIDPNMappings = async (pairs) => {
          begun = true
          return store.call(lidMapping, pairs)
        }
        bench.socket.ws.emit('CB:message', bench.stanza('LIVE', live))
        await settled()
        must(!begun)
      } finally {
        held.open()
        lidMapping.storeLIDPNMappings = store
      }
      await bench.eventually(async () => (await bench.stored('LIVE'))?.text === 'live' && (await bench.stored('WAITED'))?.text === 'waited')
    },
  },
  {
    fault: 'a session that did not fit a message is changed by it',
    async check(bench) {
      const known = await sessionsOf(bench)
      const sealed = await encrypt(bench, 'older')
      must(sealed.type === 'msg')
      await bench.socket.signalRepository.injectE2ESession({ jid: PEER.lid, session: bundleOf(bench.peer.creds) })
      const before = await sessionsOf(bench)
      const fresh = [...before.keys()].find((key) => !known.has(key))
      must(fresh !== undefined && before.size === 2)
      bench.socket.ws.emit('CB:message', bench.stanza('OLDER', sealed))
      await bench.eventually(async () => (await bench.stored('OLDER'))?.text === 'older')
      must((await sessionsOf(bench)).get(fresh) === before.get(fresh))
    },
  },
  {
    fault: 'a group message that comes out of order cannot be read',
    async check({ peer, socket }) {
      const seal = (text: string) => peer.repository.encryptGroupMessage({ group: GROUP, meId: PEER.lid, data: padded(text) })
      const [first, second] = [await seal('first'), await seal('second')]
      const item = { groupId: GROUP, axolotlSenderKeyDistributionMessage: first.senderKeyDistributionMessage }
      await socket.signalRepository.processSenderKeyDistributionMessage({ authorJid: PEER.lid, item })
      for (const [text, { ciphertext }] of [['second', second], ['first', first]] as const) {
        const opened = await socket.signalRepository.decryptGroupMessage({ group: GROUP, authorJid: PEER.lid, msg: ciphertext })
        must(Buffer.from(opened).equals(padded(text)))
      }
    },
  },
]
