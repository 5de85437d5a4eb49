import { proto, type WAMessage } from '@whiskeysockets/baileys'
import { project } from '../../src/events/project.ts'
import type { Change } from '../../src/store/store.ts'
import { directoryOf } from '../../src/whatsapp/inbound/directory.ts'
import { historyEvents, historySlices, toDomainEvents, type History, type InboundContext } from '../../src/whatsapp/inbound/index.ts'
import { needsOf } from '../../src/whatsapp/inbound/needs.ts'
import { median, type Figure, type Measure } from './figure.ts'

const CHATS = 500
const MESSAGES_PER_CHAT = 101
const ROUNDS = 5
/** What one message of a history may cost on one core, besides its bytes. */
const LIMIT_MICROSECONDS = 12
/** How long one piece of a history may hold the event loop. */
const LIMIT_SLICE_MS = 25
const NOW_MS = 1_760_000_000_000

const contextWith = (encode: boolean): InboundContext => ({
  directory: directoryOf({ phone: '15550001000', lid: '900000000000001' }),
  nowMs: NOW_MS,
  sentHere: () => false,
  encode,
})

/** A history as it comes off the wire: decoded protobuf, half the chats by LID, one message in ten with a quote or a picture. */
function makeHistory(): History {
  const chats = []
  const messages: WAMessage[] = []
  for (let chat = 0; chat < CHATS; chat += 1) {
    const phone = `${34_600_000_000 + chat}@s.whatsapp.net`
    const lid = `${100_000_000_000_000 + chat}@lid`
    const id = chat % 2 === 0 ? lid : phone
    chats.push(chat % 2 === 0 ? { id, pnJid: phone, name: `Contact ${chat}` } : { id, lidJid: lid, name: `Contact ${chat}` })
    for (let index = 0; index < MESSAGES_PER_CHAT; index += 1) messages.push(makeMessage(id, `3EB0${chat.toString(16)}x${index.toString(16)}`, index))
  }
  return { chats, contacts: chats.map(({ id, name }) => ({ id, name })), messages, syncType: 3, progress: 100 }
}

function makeMessage(remoteJid: string, id: string, index: number): WAMessage {
  const text = `message ${index}, about as long as people write on an ordinary day`
  const message = index % 20 === 0
    ? { imageMessage: { mimetype: 'image/jpeg', caption: text, fileLength: 100_000, fileSha256: new Uint8Array(32), mediaKey: new Uint8Array(32), width: 800, height: 600 } }
    : index % 20 === 10
      ? { extendedTextMessage: { text, contextInfo: { stanzaId: 'Q', participant: remoteJid, quotedMessage: { conversation: 'what was said' } } } }
      : { conversation: text }
  const info = { key: { remoteJid, fromMe: index % 3 === 0, id }, messageTimestamp: 1_700_000_000 + index, status: 4, message }
  return proto.WebMessageInfo.decode(proto.WebMessageInfo.encode(proto.WebMessageInfo.fromObject(info)).finish()) as WAMessage
}

/** Milliseconds of this process's own work so far: what others do on the machine does not count. */
function worked(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Milliseconds of a run over the whole history, and of its longest piece. */
function convert(history: History, context: InboundContext): { readonly whole: number; readonly longest: number } {
  const changes: Change[] = []
  const start = worked()
  let before = start
  let longest = 0
  for (const events of historyEvents(history, context)) {
    for (const event of events) for (const change of project(event)) changes.push(change)
    const now = worked()
    longest = Math.max(longest, now - before)
    before = now
    changes.length = 0
  }
  return { whole: worked() - start, longest }
}

function timed(work: () => void): number {
  const start = worked()
  work()
  return worked() - start
}

function figure(name: string, unit: string, value: number, limit: number): Figure {
  return { name, goal: `<= ${limit} ${unit}`, measured: `${value.toFixed(2)} ${unit}`, value, limit }
}

/** What it costs to turn a history of 50,500 messages, and single live messages, into changes of the store. */
export const inbound: Measure = async (say) => {
  const history = makeHistory()
  const count = history.messages.length
  say(`converting a history of ${count} messages`)
  const bare = []
  const encoded = []
  const asked = []
  const live = []
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(convert(history, contextWith(false)))
    encoded.push(convert(history, contextWith(true)))
    asked.push(timed(() => { for (const slice of historySlices(history)) needsOf('messaging-history.set', slice, contextWith(false).directory) }))
    live.push(timed(() => { for (const message of history.messages) toDomainEvents('messages.upsert', { messages: [message], type: 'notify' }, contextWith(false)).flatMap(project) }))
  }
  const each = (milliseconds: readonly number[]): number => (median(milliseconds) / count) * 1000
  return [
    figure('inbound: one message of a history, besides its bytes', 'us', each(bare.map(({ whole }) => whole)), LIMIT_MICROSECONDS),
    figure('inbound: the same with its bytes', 'us', each(encoded.map(({ whole }) => whole)), LIMIT_MICROSECONDS * 2),
    figure('inbound: the question what a history needs', 'us', each(asked), LIMIT_MICROSECONDS),
    figure('inbound: one live message, besides its bytes', 'us', each(live), LIMIT_MICROSECONDS * 2),
    figure('inbound: the longest hold of the event loop', 'ms', median(encoded.map(({ longest }) => longest)), LIMIT_SLICE_MS),
  ]
}
