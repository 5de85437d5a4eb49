import type { Manifest } from '../../src/simulator/simulator.ts'
import type { MessageView } from '../../src/simulator/verbs/writing.ts'
import type { Expected } from './inbound-load.ts'
import type { Sends, Sent } from './outbound-load.ts'
import type { Entry, GatewayRecord } from './store/store.ts'
import type { Again, Tally, Unread } from './simulator.ts'
import type { Blows, Struck, StruckAt } from './strike.ts'
import type { Town } from './town.ts'

/** All that is known after a run. */
export interface Evidence extends Struck {
  readonly town: Town
  readonly expected: readonly Expected[]
  readonly sends: Sends
  readonly gateway: GatewayRecord
  /** What each phone received and could read. */
  readonly mailboxes: ReadonlyMap<string, readonly MessageView[]>
  readonly manifest: Manifest
  readonly tally: Tally
  /** Of the devices, before the first fault. */
  readonly linked: readonly string[]
  readonly blows: Blows
  /** Ids that keys named when all was over, where they differ from before. */
  readonly renamed: readonly string[]
}

/** What was found; each list names its first cases. */
export interface Figures {
  /** What the sessions had to tell. */
  readonly expected: number
  readonly missing: readonly string[]
  readonly undecryptable: number
  readonly twice: readonly string[]
  readonly outOfOrder: readonly string[]
  readonly seqGaps: readonly string[]
  readonly accepted: number
  readonly refused: readonly string[]
  readonly notArrived: readonly string[]
  readonly twoIds: readonly string[]
  readonly unsettled: readonly string[]
  readonly sentOutOfOrder: readonly string[]
  readonly secondCopies: number
  /** Second copies of sends that were open at no fault. */
  readonly strayCopies: readonly string[]
  /** Sends that were handed to a socket and had no ack, summed over the faults. */
  readonly openAtFaults: number
  /** Faults that hit at least one such send. */
  readonly faultsAtOpenSends: number
  /** 0 without failures of the disk. */
  readonly slowestRecoveryMs: number
  readonly undecryptableAtPeers: readonly string[]
  /** Copies that somebody, the gateway or a peer, could not read and asked for again. */
  readonly retries: readonly string[]
  readonly reusedPreKeys: number
  readonly relinks: readonly string[]
  readonly newIdentities: readonly string[]
  readonly resetSessions: readonly string[]
  /** Faults that did not do what they were for. */
  readonly blunt: readonly string[]
  readonly unknownStanzas: readonly string[]
}

/** The disk is well again, and so must the sessions be. */
const RECOVERED_MS = 10_000
const SETTLED = new Set(['sent', 'delivered', 'read', 'played'])

/** The devices of all accounts, by what makes them the same link. */
export const linksOf = ({ accounts }: Manifest): readonly string[] => accounts.flatMap(({ phone, devices }) => devices.map(({ id, linkedAt }) => `${phone}:${id} since ${linkedAt}`))

/** Compares what was said with what was told, and what was accepted with what arrived. */
export function check(evidence: Evidence): Figures {
  const { town, expected, sends, gateway, manifest, tally } = evidence
  const phones = new Map([...manifest.contacts, ...manifest.accounts].map(({ phone, lid }) => [userOf(lid), phone]))
  const phoneOf = (jid: unknown): string => phones.get(userOf(String(jid))) ?? (String(jid).endsWith('@g.us') ? String(jid) : userOf(String(jid)))
  const told = tokensOf(gateway.events, phoneOf)
  const wanted = [...expected.map((one) => ({ ...one, lane: `${one.session} ${one.chat}` })), ...heardByOthers(town, sends.sent)]

  const missing: string[] = []
  const outOfOrder: string[] = []
  const twice: string[] = []
  const latest = new Map<string, number>()
  for (const { session, chat, token, lane } of wanted) {
    const seqs = told.get(`${session} ${chat} ${token}`)
    const [seq] = seqs ?? []
    if (seqs === undefined || seq === undefined) {
      missing.push(`${session} ${chat} ${token}`)
      continue
    }
    if (seqs.length > 1) twice.push(`${session} ${chat} ${token}: ${seqs.join(' ')}`)
    if (seq < (latest.get(lane) ?? 0)) outOfOrder.push(`${session} ${chat} ${token}`)
    latest.set(lane, Math.max(seq, latest.get(lane) ?? 0))
  }
  twice.push(...repeatedFacts(gateway.events))

  const outbound = arrivals(evidence)
  const states = new Map(gateway.own.map(({ session, id, state }) => [`${session} ${id}`, state]))
  const now = new Set(linksOf(manifest))
  return {
    expected: wanted.length,
    missing, outOfOrder, twice,
    undecryptable: gateway.events.filter(({ type }) => type === 'message.undecryptable').length,
    seqGaps: gapsOf(gateway),
    accepted: sends.sent.length,
    refused: sends.refused,
    ...outbound,
    twoIds: [...outbound.twoIds, ...evidence.renamed, ...sends.sent.filter(({ ids }) => ids.length > 1).map(({ text }) => text)],
    unsettled: sends.sent.flatMap(({ session, text, ids: [id = ''] }) => (SETTLED.has(states.get(`${session} ${id}`) ?? '') ? [] : [`${text}: ${states.get(`${session} ${id}`) ?? 'no row'}`])),
    openAtFaults: evidence.openAtFaults.flat().length,
    faultsAtOpenSends: evidence.openAtFaults.length,
    slowestRecoveryMs: Math.max(0, ...evidence.recoveriesMs),
    undecryptableAtPeers: tally.undecryptable.map((unread) => describeUnread(unread, evidence)),
    retries: tally.retries.map((again) => describeAgain(again, evidence)),
    reusedPreKeys: tally.reusedPreKeys,
    relinks: [...evidence.linked.filter((link) => !now.has(link)), ...[...now].filter((link) => !evidence.linked.includes(link))],
    newIdentities: evidence.newIdentities,
    resetSessions: evidence.resetSessions,
    blunt: bluntOf(evidence),
    unknownStanzas: manifest.unknownStanzas.map(({ what }) => what),
  }
}

/** What was to strike and did not. */
function bluntOf({ blows, timed, felt, unnoticed }: Evidence): string[] {
  return [
    ...(timed < blows.timedResets ? [`${timed} of ${blows.timedResets} timed resets fell between decrypt and receipt`] : []),
    ...Object.entries(felt).flatMap(([fault, times]) => (times < blows.storeFaults ? [`${fault} was felt ${times} times of ${blows.storeFaults}`] : [])),
    ...unnoticed.map((links) => `${links} stayed half-open`),
  ]
}

/** All that is known of a copy that a phone could not read: where it was written, whether other copies could be read, and what had happened just before. */
function describeUnread({ phone, id, reason, at }: Unread, evidence: Evidence): string {
  const read = evidence.mailboxes.get(phone)?.find((message) => message.id === id)
  return `${whatIs(id, evidence)} at ${phone}: ${reason}; ${read?.copies ?? 0} copies were read; ${whenWas(at, evidence)}`
}

/** The same of a copy that somebody asked for again. */
const describeAgain = ({ id, from, to, count, at }: Again, evidence: Evidence): string => `${whatIs(id, evidence)}, by ${from} of ${to}, ${count === '' ? '?' : count}. time; ${whenWas(at, evidence)}`

function whatIs(id: string, { sends, expected }: Evidence): string {
  const send = sends.sent.find(({ ids }) => ids.includes(id))
  if (send !== undefined) return `${send.text} of ${send.session} to ${send.chat.endsWith('@g.us') ? 'group' : 'person'} ${send.chat} (${id})`
  const said = expected.find(({ token }) => token.includes(id))
  return said === undefined ? `a message that nobody accepted (${id})` : `${said.token} to ${said.session} in ${said.chat} (${id})`
}

function whenWas(at: number, { struckAt }: Evidence): string {
  const before = struckAt.findLast((blow) => blow.at <= at)
  const after = struckAt.find((blow) => blow.at > at)
  const told = ({ blow, at: when }: StruckAt): string => `${blow} ${Math.abs(at - when)} ms`
  return `${before ? `${told(before)} after` : 'before every fault'}${after ? `, ${told(after)} before` : ''}`
}

/** The complaints: everything that must be empty and is not. */
export function complaintsOf(figures: Figures): readonly string[] {
  const { missing, undecryptable, twice, outOfOrder, seqGaps, refused, notArrived, twoIds, unsettled, sentOutOfOrder, secondCopies, openAtFaults, slowestRecoveryMs, undecryptableAtPeers, retries, reusedPreKeys, relinks, unknownStanzas, strayCopies, newIdentities, resetSessions, blunt } = figures
  const lists = { missing, twice, 'out of order': outOfOrder, 'gaps in seq': seqGaps, refused, 'accepted but not arrived': notArrived, 'a key under two ids': twoIds, 'not settled': unsettled, 'sent out of order': sentOutOfOrder, 're-linked': relinks, 'second copies of sends that no fault hit': strayCopies, 'new identities': newIdentities, 'Signal sessions begun anew': resetSessions, 'faults without effect': blunt, 'unknown stanzas': unknownStanzas, 'undecryptable at the peers': undecryptableAtPeers, 'copies asked for again': retries }
  return [
    ...Object.entries(lists).flatMap(([name, cases]) => (cases.length === 0 ? [] : [`${cases.length} ${name}: ${cases.slice(0, 8).join(' | ')}`])),
    ...Object.entries({ undecryptable, 'pre-key ids reused': reusedPreKeys }).flatMap(([name, count]) => (count === 0 ? [] : [`${count} ${name}`])),
    ...(slowestRecoveryMs > RECOVERED_MS ? [`${slowestRecoveryMs} ms until all sessions were open after a failure of the disk`] : []),
    ...(secondCopies > openAtFaults ? [`${secondCopies} second copies, but only ${openAtFaults} sends were open at the faults`] : []),
  ]
}

const userOf = (jid: string): string => jid.split('@')[0]?.split(':')[0] ?? jid

/** Where each token stands in the log. */
function tokensOf(events: readonly Entry[], phoneOf: (jid: unknown) => string): ReadonlyMap<string, readonly number[]> {
  const told = new Map<string, number[]>()
  for (const { session, seq, type, data } of events) {
    const holder = (data['message'] ?? data['key']) as { chatId?: string; id?: string; type?: string; text?: string | null } | undefined
    const token = type === 'message.received' ? (holder?.text ?? `${holder?.id} ${holder?.type}`) : type === 'message.edited' ? data['text'] : type === 'message.reaction' ? `${holder?.id} ${String(data['emoji'])} ${phoneOf(data['from'])}` : null
    if (typeof token !== 'string') continue
    const place = `${session} ${phoneOf(holder?.chatId)} ${token}`
    told.set(place, [...(told.get(place) ?? []), seq])
  }
  return told
}

/** Entries that tell one fact again. */
function repeatedFacts(events: readonly Entry[]): string[] {
  const seen = new Map<string, number>()
  const repeated: string[] = []
  for (const { session, seq, type, data } of events) {
    const message = data['message'] as { chatId: string; id: string; sender: string } | undefined
    const key = data['key'] as { id: string } | undefined
    const fact = message ? `${session} ${type} ${message.chatId} ${message.id} ${message.sender}` : type === 'message.updated' ? `${session} ${type} ${key?.id} ${String(data['state'])}` : null
    if (fact === null) continue
    const before = seen.get(fact)
    if (before === undefined) seen.set(fact, seq)
    else repeated.push(`${fact}: ${before} ${seq}`)
  }
  return repeated
}

/** What one session posted to a group, the other sessions in it must tell of. */
const heardByOthers = ({ sessions, groups }: Town, sent: readonly Sent[]): (Expected & { lane: string })[] =>
  sent.flatMap(({ session, chat, text }) => {
    const members = groups.find(({ id }) => id === chat)?.members ?? []
    return members.flatMap((phone) => {
      const reader = sessions.get(phone)
      return reader === undefined || reader === session ? [] : [{ session: reader, chat, token: text, lane: `${reader} ${chat} from ${session}` }]
    })
  })

function gapsOf({ events, heads }: GatewayRecord): string[] {
  const last = new Map<string, number>()
  const gaps: string[] = []
  for (const { session, seq } of events) {
    const due = (last.get(session) ?? 0) + 1
    if (seq !== due) gaps.push(`${session}: ${seq} after ${due - 1}`)
    last.set(session, seq)
  }
  for (const [session, head] of heads) if (last.get(session) !== head) gaps.push(`${session}: the head is ${head}, the last entry ${last.get(session) ?? 0}`)
  return gaps
}

function arrivals({ town: { sessions, groups }, sends: { sent }, mailboxes, openAtFaults }: Evidence): Pick<Figures, 'notArrived' | 'twoIds' | 'sentOutOfOrder' | 'secondCopies' | 'strayCopies'> {
  const hit = new Set(openAtFaults.flat())
  const strayCopies: string[] = []
  const notArrived: string[] = []
  const twoIds: string[] = []
  const sentOutOfOrder: string[] = []
  let secondCopies = 0
  const ownerOf = new Map([...sessions].map(([phone, id]) => [id, phone]))
  const latest = new Map<string, number>()
  for (const { session, chat, text, ids: [id] } of sent) {
    const readers = groups.find((group) => group.id === chat)?.members.filter((phone) => !sessions.has(phone)) ?? [chat]
    let more = 0
    for (const reader of readers) {
      const copies = (mailboxes.get(reader) ?? []).filter((message) => message.text === text && message.from === ownerOf.get(session))
      const [first] = copies
      if (!first) {
        notArrived.push(`${text} at ${reader}`)
        continue
      }
      if (copies.length > 1 || first.id !== id) twoIds.push(`${text} at ${reader}: ${copies.map((copy) => copy.id).join(' ')}, told ${id ?? 'nothing'}`)
      more = Math.max(more, copies.reduce((sum, copy) => sum + copy.copies, 0) - 1)
      const lane = `${session} ${chat} ${reader}`
      if (first.order < (latest.get(lane) ?? 0)) sentOutOfOrder.push(`${text} at ${reader}`)
      latest.set(lane, Math.max(first.order, latest.get(lane) ?? 0))
    }
    secondCopies += more
    if (more > 0 && !hit.has(id ?? '')) strayCopies.push(`${text} (${id ?? ''})`)
  }
  return { notArrived, twoIds, sentOutOfOrder, secondCopies, strayCopies }
}
