import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/simulator/simulator.ts'
import type { MessageView } from '../../src/simulator/verbs/writing.ts'
import { check, complaintsOf, type Evidence } from './checker.ts'
import type { Entry } from './store/store.ts'

const OWNER = '15551000000'
const CONTACT = '15551000500'
const OTHER = '15551000501'
const GROUP = '120363000000000001@g.us'
const DEVICE = { id: 1, name: 'one', platform: 'web', linkedAt: '2026-01-01T00:00:00.000Z', online: true, pending: 0 }
const FELT: Readonly<Record<string, number>> = { 'SQLITE_FULL': 1, 'SQLITE_IOERR_WRITE': 1, 'SQLITE_IOERR_READ reads': 1, 'SQLITE_FULL once': 1 }

const received = (seq: number, id: string, text: string | null, more: object = {}): Entry => ({ session: 's', seq, type: 'message.received', data: { message: { chatId: `${CONTACT}@s.whatsapp.net`, id, sender: 'x', type: 'text', text, ...more } } })
const arrived = (id: string, text: string, order: number, more: Partial<MessageView> = {}): MessageView =>
  ({ id, text, order, chat: `${OWNER}@s.whatsapp.net`, from: OWNER, fromMe: false, type: 'text', target: null, timestamp: 1, copies: 1, undecryptable: 0, ...more })
const manifest: Manifest = {
  wsUrl: '', mediaUrl: '', rootKey: '', groups: [], unknownStanzas: [],
  accounts: [{ phone: OWNER, lid: '1', name: 'Owner', devices: [DEVICE] }],
  contacts: [{ phone: CONTACT, lid: '2', name: 'Contact', addressing: 'lid', registered: true, autoReceipts: 'read', answersRetries: false }],
}

/** A run in which all is well: two messages in, two sends out, one of them twice because a fault hit it. */
const good: Evidence = {
  town: { sessions: new Map([[OWNER, 's']]), contacts: [CONTACT, OTHER], groups: [{ id: GROUP, members: [CONTACT, OWNER, OTHER] }] },
  expected: [{ session: 's', chat: CONTACT, token: 'in 1' }, { session: 's', chat: CONTACT, token: 'M2 sticker' }],
  sends: { refused: [], sent: [{ session: 's', chat: CONTACT, text: 'out 1', ids: ['A1'], tries: 1 }, { session: 's', chat: GROUP, text: 'out 2', ids: ['A2'], tries: 3 }, { session: 's', chat: CONTACT, text: 'out 3', ids: ['A3'], tries: 1 }] },
  gateway: {
    events: [received(1, 'M1', 'in 1'), received(2, 'M2', null, { type: 'sticker' })],
    own: [{ session: 's', id: 'A1', state: 'read' }, { session: 's', id: 'A2', state: 'sent' }, { session: 's', id: 'A3', state: 'delivered' }],
    unread: 0, heads: new Map([['s', 2]]),
  },
  mailboxes: new Map([
    [CONTACT, [arrived('A1', 'out 1', 1, { copies: 2 }), arrived('A2', 'out 2', 2), arrived('A3', 'out 3', 3)]],
    [OTHER, [arrived('A2', 'out 2', 4)]],
  ]),
  manifest,
  tally: { undecryptable: [], reusedPreKeys: 0, preKeys: 812, retries: [] },
  linked: [`${OWNER}:1 since ${DEVICE.linkedAt}`],
  openAtFaults: [['A1']],
  recoveriesMs: [900], felt: FELT, timed: 1, unnoticed: [], resetSessions: [], newIdentities: [], struckAt: [{ blow: 'kill', at: 1000 }], renamed: [],
  blows: { kills: 1, resets: 0, timedResets: 1, halfOpen: 0, stops: 0, storeFaults: 1 },
}
const complaints = (more: Partial<Evidence>): string => complaintsOf(check({ ...good, ...more })).join('\n')
const events = (list: readonly Entry[], heads: ReadonlyMap<string, number> = new Map([['s', list.at(-1)?.seq ?? 0]])): Partial<Evidence> => ({ gateway: { ...good.gateway, events: list, heads } })
const sends = (place: number, more: object): Partial<Evidence> => ({ sends: { refused: [], sent: good.sends.sent.map((send, at) => (at === place ? { ...send, ...more } : send)) } })
const mailbox = (phone: string, list: readonly MessageView[]): Partial<Evidence> => ({ mailboxes: new Map([...good.mailboxes, [phone, list]]) })

it('has nothing to say of a good run, and counts what was in it', () => {
  expect(complaints({})).toBe('')
  expect(check(good)).toMatchObject({ expected: 2, accepted: 3, secondCopies: 1, openAtFaults: 1, faultsAtOpenSends: 1, slowestRecoveryMs: 900 })
})

describe('of what the sessions tell', () => {
  it.each<[string, Partial<Evidence>, RegExp]>([
    ['nothing', events([received(1, 'M1', 'in 1')]), /1 missing: s 15551000500 M2 sticker/],
    ['another text', events([received(1, 'M1', 'in 2'), received(2, 'M2', null, { type: 'sticker' })]), /1 missing: s 15551000500 in 1/],
    ['another kind', events([received(1, 'M1', 'in 1'), received(2, 'M2', null, { type: 'voice' })]), /1 missing/],
    ['the same in another chat', events([received(1, 'M1', 'in 1', { chatId: GROUP }), received(2, 'M2', null, { type: 'sticker' })]), /1 missing/],
    ['twice under one id', events([received(1, 'M1', 'in 1'), received(2, 'M2', null, { type: 'sticker' }), received(3, 'M1', 'in 1')]), /2 twice/],
    ['twice under two ids', events([received(1, 'M1', 'in 1'), received(2, 'M2', null, { type: 'sticker' }), received(3, 'M9', 'in 1')]), /1 twice: s 15551000500 in 1: 1 3/],
    ['a state twice', events([...good.gateway.events, ...[3, 4].map((seq): Entry => ({ session: 's', seq, type: 'message.updated', data: { key: { id: 'A1' }, state: 'sent' } }))]), /1 twice: s message.updated A1 sent: 3 4/],
    ['the other way round', events([received(1, 'M2', null, { type: 'sticker' }), received(2, 'M1', 'in 1')]), /1 out of order: s 15551000500 M2 sticker/],
    ['with a gap', events([received(1, 'M1', 'in 1'), received(3, 'M2', null, { type: 'sticker' })]), /1 gaps in seq: s: 3 after 1/],
    ['with a head beyond the last', events(good.gateway.events, new Map([['s', 5]])), /1 gaps in seq: s: the head is 5, the last entry 2/],
    ['that it could not read', events([...good.gateway.events, { session: 's', seq: 3, type: 'message.undecryptable', data: {} }]), /1 undecryptable/],
  ])('%s', (_what, more, words) => {
    expect(complaints(more)).toMatch(words)
  })

  it('what one session posts to a group that another is in', () => {
    const two: Evidence = { ...good, town: { ...good.town, sessions: new Map([[OWNER, 's'], [OTHER, 't']]) } }
    expect(complaintsOf(check({ ...two, linked: good.linked })).join()).toContain('1 missing: t 120363000000000001@g.us out 2')
    const told: Entry = { session: 't', seq: 1, type: 'message.received', data: { message: { chatId: GROUP, id: 'A2', sender: OWNER, type: 'text', text: 'out 2' } } }
    expect(complaintsOf(check({ ...two, ...events([...good.gateway.events, told], new Map([['s', 2], ['t', 1]])) })).join()).toBe('')
  })
})

describe('of what was sent', () => {
  it.each<[string, Partial<Evidence>, RegExp]>([
    ['a refusal', { sends: { ...good.sends, refused: ['out 4: 422 NO'] } }, /1 refused: out 4: 422 NO/],
    ['what did not arrive', mailbox(CONTACT, [arrived('A1', 'out 1', 1), arrived('A2', 'out 2', 2)]), /1 accepted but not arrived: out 3 at 15551000500/],
    ['what one of a group did not get', mailbox(OTHER, []), /1 accepted but not arrived: out 2 at 15551000501/],
    ['what came from somebody else', mailbox(OTHER, [arrived('A2', 'out 2', 4, { from: CONTACT })]), /1 accepted but not arrived/],
    ['a key with two ids in the answers', sends(0, { ids: ['A1', 'B1'] }), /1 a key under two ids: out 1/],
    ['a key with two ids at the phone', mailbox(CONTACT, [arrived('A1', 'out 1', 1), arrived('B1', 'out 1', 5), arrived('A2', 'out 2', 2), arrived('A3', 'out 3', 6)]), /a key under two ids: out 1 at 15551000500: A1 B1/],
    ['an id that was not the one told', sends(2, { ids: ['B3'] }), /a key under two ids: out 3/],
    ['a key that names another id in the end', { renamed: ['out 1: A1 then B1'] }, /1 a key under two ids/],
    ['a send without an end', { gateway: { ...good.gateway, own: [{ session: 's', id: 'A1', state: 'read' }, { session: 's', id: 'A2', state: 'sending' }] } }, /2 not settled: out 2: sending \| out 3: no row/],
    ['a failure', { gateway: { ...good.gateway, own: good.gateway.own.map((row) => (row.id === 'A1' ? { ...row, state: 'failed' } : row)) } }, /1 not settled: out 1: failed/],
    ['an order turned round', mailbox(CONTACT, [arrived('A3', 'out 3', 1), arrived('A1', 'out 1', 2), arrived('A2', 'out 2', 3)]), /1 sent out of order: out 3 at 15551000500/],
    ['a second copy that no fault explains', mailbox(CONTACT, [arrived('A1', 'out 1', 1), arrived('A2', 'out 2', 2), arrived('A3', 'out 3', 3, { copies: 2 })]), /1 second copies of sends that no fault hit: out 3 \(A3\)/],
    ['more second copies than open sends', { openAtFaults: [] }, /1 second copies, but only 0 sends were open/],
  ])('%s', (_what, more, words) => {
    expect(complaints(more)).toMatch(words)
  })

  it('a copy that a phone could not read: which, where, why and after what', () => {
    const unread = { phone: OTHER, id: 'A2', reason: 'Bad MAC', at: 1400 }
    expect(complaints({ tally: { ...good.tally, undecryptable: [unread] } })).toBe(`1 undecryptable at the peers: out 2 of s to group ${GROUP} (A2) at ${OTHER}: Bad MAC; 1 copies were read; kill 400 ms after`)
  })
})

it.each<[string, Partial<Evidence>, RegExp]>([
  ['a copy asked for again', { tally: { ...good.tally, retries: [{ id: 'A2', from: '5@lid', to: '1:0', count: '1', at: 1400 }] } }, /1 copies asked for again: out 2 of s to group .* by 5@lid of 1:0, 1\. time; kill 400 ms after/],
  ['a pre-key id used twice', { tally: { ...good.tally, reusedPreKeys: 1 } }, /1 pre-key ids reused/],
  ['a link made again', { linked: [`${OWNER}:1 since 2025-01-01T00:00:00.000Z`] }, /2 re-linked/],
  ['another identity', { newIdentities: ['s'] }, /1 new identities: s/],
  ['a Signal session begun anew', { resetSessions: ['s 2_1.0'] }, /1 Signal sessions begun anew/],
  ['a slow recovery', { recoveriesMs: [10_001] }, /10001 ms until all sessions were open/],
  ['a timed reset that missed', { timed: 0 }, /1 faults without effect: 0 of 1 timed resets/],
  ['a failure of the disk that nobody felt', { felt: { ...FELT, 'SQLITE_FULL': 0 } }, /SQLITE_FULL was felt 0 times of 1/],
  ['a silent link that was kept', { unnoticed: ['2 links'] }, /2 links stayed half-open/],
  ['a stanza that the simulator does not know', { manifest: { ...manifest, unknownStanzas: [{ what: 'iq get x', count: 1 }] } }, /1 unknown stanzas: iq get x/],
])('of the rest: %s', (_what, more, words) => {
  expect(complaints(more)).toMatch(words)
})
