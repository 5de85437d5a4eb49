import { proto, type WAMessage } from '@whiskeysockets/baileys'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MESSAGE_TYPES } from '../../../schemas/message.ts'
import type { DomainEvent } from '../../../src/events/domain.ts'
import { project } from '../../../src/events/project.ts'
import type { MessageRow } from '../../../src/store/store.ts'
import { directoryOf } from '../../../src/whatsapp/inbound/directory.ts'
import { historyEvents, toDomainEvents, type History, type InboundContext } from '../../../src/whatsapp/inbound/index.ts'
import { needsOf } from '../../../src/whatsapp/inbound/needs.ts'
import { goldenNames, NOW_MS, OWN, payloadOf, readGolden, type Golden } from './golden.ts'

const RUNS = 400
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
const MAX_TIME_MS = 253_402_300_799_000

const context: InboundContext = { directory: directoryOf(OWN), nowMs: NOW_MS, sentHere: () => false, encode: true }

/** Addresses as honest and dishonest people write them. */
const jid = fc.oneof(
  fc.constantFrom('34600000001@s.whatsapp.net', '111000111000111@lid', '120363000000000001@g.us', 'status@broadcast', '120363111@newsletter', '17@broadcast', '15550001000@s.whatsapp.net', '900000000000001:3@lid'),
  fc.constantFrom('', '@', '@lid', 'x@', '__proto__', 'constructor@lid', '1:2:3@s.whatsapp.net', '0@s.whatsapp.net', '@@@', 'a@b@c'),
  fc.string({ unit: 'binary', maxLength: 30 }),
)
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom('', '\ud800', '../..', '\u0000', '__proto__'), jid)
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -1, Number.NaN, Infinity, -Infinity, 2 ** 53, 2 ** 64, 1e300))
const bytes = fc.uint8Array({ maxLength: 40 })
const long = fc.record({ low: fc.integer(), high: fc.integer(), unsigned: fc.boolean() })
const leaf = fc.oneof(text, number, bytes, fc.boolean(), long, fc.constant(null))

/** The names that protobuf knows, gathered from its own classes, so that random trees go deep. */
const names = [...new Set([proto.Message, proto.ContextInfo, proto.MessageKey, proto.WebMessageInfo, proto.Message.ProtocolMessage, proto.Message.ImageMessage, proto.Message.DocumentMessage,
  proto.Message.ReactionMessage, proto.Message.PollUpdateMessage, proto.Message.PinInChatMessage, proto.Message.KeepInChatMessage, proto.Message.TemplateMessage, proto.Message.InteractiveMessage,
  proto.Message.SecretEncryptedMessage, proto.Message.EncEventResponseMessage, proto.Message.TemplateMessage.HydratedFourRowTemplate].flatMap((type) => Object.keys(type.prototype)))]
  .filter((name) => name !== 'constructor' && !name.startsWith('_'))

const tree = fc.letrec((tie) => ({
  node: fc.oneof({ depthSize: 'medium' }, leaf, tie('object'), tie('list')),
  list: fc.array(tie('node'), { maxLength: 3 }),
  object: fc.dictionary(fc.constantFrom(...names), tie('node'), { maxKeys: 5 }),
}))

/** A message that protobuf itself would hand out: built from a random tree, written and read again. */
const content = tree.object.map((object) => {
  try {
    return proto.Message.decode(proto.Message.encode(proto.Message.fromObject(object)).finish())
  } catch {
    return proto.Message.create({})
  }
})
/** Honest messages, glued together and with bytes changed at random: most are still protobuf. */
const honest = goldenNames().map(readGolden).filter((golden): golden is Golden<'messages.upsert'> => golden.event === 'messages.upsert')
  .flatMap((golden) => payloadOf(golden).messages.flatMap(({ message: sent }) => (sent ? [proto.Message.encode(sent).finish()] : [])))
const spoiled = fc.tuple(fc.array(fc.constantFrom(...honest), { minLength: 1, maxLength: 3 }), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 })).map(([parts, changes]) => {
  const whole = Buffer.concat(parts)
  for (const [at, byte] of changes) whole[at % whole.length] = byte
  try {
    return proto.Message.decode(whole)
  } catch {
    return proto.Message.decode(Buffer.concat(parts))
  }
})
const key = fc.record({ remoteJid: jid, fromMe: fc.boolean(), id: text, participant: fc.option(jid), remoteJidAlt: jid, participantAlt: jid, isViewOnce: fc.boolean() }, { requiredKeys: ['remoteJid', 'id'] })
const message = fc.record({
  key, message: fc.option(fc.oneof(content, spoiled)), messageTimestamp: fc.oneof(number, long), messageStubType: fc.integer({ min: 0, max: 230 }), status: fc.integer({ min: -1, max: 7 }),
  messageStubParameters: fc.oneof(fc.constant(null), fc.array(fc.oneof(text, fc.constantFrom('{"id":"1@lid","phoneNumber":5}', '{"__proto__":{"id":"x"}}', '{', '{}')))),
  pushName: text, verifiedBizName: text, participant: jid, category: fc.constantFrom('peer', '', undefined),
  reactions: fc.array(fc.record({ key, text, senderTimestampMs: fc.oneof(number, long) })), userReceipt: fc.array(fc.record({ userJid: jid, readTimestamp: number, receiptTimestamp: long })),
}, { requiredKeys: ['key'] }) as unknown as fc.Arbitrary<WAMessage>

const check = { numRuns: RUNS, seed: SEED, verbose: true } as const

describe(`hostile input (seed ${SEED})`, () => {
  it('never throws on a message, and its rows are what they say', () => {
    fc.assert(fc.property(message, (one) => {
      needsOf('messages.upsert', { messages: [one], type: 'notify' }, context.directory)
      expect(toDomainEvents('messages.upsert', { messages: [one], type: 'notify' }, context).flatMap(faultsOf)).toEqual([])
    }), check)
  })

  it('never throws on updates', () => {
    fc.assert(fc.property(key, message, jid, number, (named, one, person, time) => {
      const told = [
        ...toDomainEvents('messages.update', [{ key: named, update: { ...one, starred: true } }], context),
        ...toDomainEvents('messages.update', [{ key: named, update: { message: { editedMessage: { message: one.message ?? null } }, pollUpdates: [{ pollUpdateMessageKey: named, vote: {}, senderTimestampMs: time }] } }], context),
        ...toDomainEvents('messages.reaction', [{ key: named, reaction: { key: one.key, text: '\udfff', senderTimestampMs: time } }], context),
        ...toDomainEvents('message-receipt.update', [{ key: named, receipt: { userJid: person, readTimestamp: time, receiptTimestamp: time } }], context),
        ...toDomainEvents('messages.delete', { keys: [named] }, context),
        ...toDomainEvents('chats.update', [{ id: person, unreadCount: time, muteEndTime: time, pinned: time, conversationTimestamp: time, name: '\ud800', ephemeralExpiration: time }], context),
        ...toDomainEvents('contacts.upsert', [{ id: person, name: '\ud800', lid: person, phoneNumber: named.remoteJid ?? '' }], context),
        ...toDomainEvents('groups.update', [{ id: person, subject: 'x', owner: person, participants: [{ id: person, lid: person }] }], context),
        ...toDomainEvents('group-participants.update', { id: person, author: person, action: 'remove', participants: [{ id: person }] }, context),
      ]
      expect(told.flatMap(faultsOf)).toEqual([])
    }), check)
  })

  it('never throws on a history', () => {
    fc.assert(fc.property(fc.array(message, { maxLength: 5 }), jid, number, (messages, person, time) => {
      const history: History = { chats: [{ id: person, pnJid: person, lidJid: person, unreadCount: time, name: '\ud800' }], contacts: [{ id: person, notify: '' }], messages, syncType: 3, progress: time }
      const told = [...historyEvents(history, context, 2)].flat()
      expect(told.flatMap(faultsOf)).toEqual([])
      expect(told.filter(({ type }) => type === 'message.received' || type === 'message.sent')).toEqual([])
    }), check)
  })
})

/** What has to hold of every fact, whoever made it up: empty when all does. */
function faultsOf(event: DomainEvent): string[] {
  const faults = [
    project(event).length < 5 || 'too many changes',
    !('key' in event) || event.key.chatId !== '' || 'no chat',
    !('at' in event) || (event.at >= 0 && event.at <= MAX_TIME_MS) || 'no time',
    !hasLoneSurrogate(JSON.stringify(event)) || 'a lone surrogate',
    ...('message' in event ? rowRules(event.message) : []),
  ]
  return faults.filter((fault) => fault !== true).map((fault) => `${event.type}: ${fault}`)
}

const rowRules = (row: MessageRow): (true | string)[] => [
  MESSAGE_TYPES.includes(row.type) || 'no kind',
  row.chatId !== '' || 'no chat',
  row.id !== '' || 'no id',
  (Number.isSafeInteger(row.timestamp) && row.timestamp >= 0 && row.timestamp * 1000 <= MAX_TIME_MS) || 'no time',
  (row.state === null) === (row.sender !== '') || 'a state of what is not ours, or none of what is',
  !/[/\\\p{Cc}]/u.test(row.media?.fileName ?? '') || 'a file name that leaves its folder',
  /^[\x20-\x7e]+$/.test(row.media?.mimetype ?? 'a/b') || 'a media type that breaks a header',
  [row.media?.sizeBytes, row.media?.durationSeconds, row.media?.width, row.media?.height].every((size) => isSize(size ?? 0)) || 'an absurd size',
]

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

/** JSON writes a lone surrogate as an escape. */
const hasLoneSurrogate = (json: string): boolean => /\\ud[89a-f]/i.test(json)
