import { setTimeout as delay } from 'node:timers/promises'
import type { Mortal } from './gateway.ts'
import type { Pace } from './pace.ts'
import { seeded } from './random.ts'
import type { Town } from './town.ts'

/** One send that was answered with a 2xx. */
export interface Sent {
  readonly session: string
  /** The phone of the person, or the group's id. */
  readonly chat: string
  readonly text: string
  /** Every id that an answer under its key named. */
  readonly ids: readonly string[]
  readonly tries: number
}

/** What the sends came to. */
export interface Sends {
  /** In order of acceptance within each chat. */
  readonly sent: readonly Sent[]
  /** Answers that no retry could mend: always empty in a good run. */
  readonly refused: readonly string[]
}

const AGAIN_MS = 100
/** Answers that say "not now". */
const PASSING = new Set([409, 429, 500, 502, 503, 504])
const PATIENCE_TRIES = 1200

const keyOf = (text: string): string => `key-of-${text.replaceAll(' ', '-')}`

/** Clients post numbered sends under keys of their own and retry every error and every lost answer; one client for each chat, so that its order is known. `onAccepted` hears of each. */
export async function post(gateway: Mortal, { sessions, contacts, groups }: Town, count: number, seed: number, pace: Pace, onAccepted: () => void): Promise<Sends> {
  const sent: Sent[] = []
  const refused: string[] = []
  const lanes = [...sessions].flatMap(([owner, session]) => [
    ...contacts.slice(0, 3).map((chat) => ({ session, chat })),
    ...groups.filter(({ members }) => members.includes(owner)).map(({ id }) => ({ session, chat: id })),
  ])
  let place = 0

  async function send(session: string, chat: string, text: string, prefer: string): Promise<void> {
    const ids = new Set<string>()
    for (let tries = 1; tries <= PATIENCE_TRIES; tries += 1) {
      const answer = await gateway.call('POST', `/sessions/${session}/chats/${chat}/messages`, { text }, { 'idempotency-key': keyOf(text), prefer }).catch(() => null)
      if (answer && (answer.status === 201 || answer.status === 202)) {
        ids.add(String(answer.body['messageId']))
        sent.push({ session, chat, text, ids: [...ids], tries })
        onAccepted()
        return
      }
      if (answer && !PASSING.has(answer.status)) {
        refused.push(`${text}: ${answer.status} ${String(answer.body['code'])}`)
        return
      }
      await delay(AGAIN_MS)
    }
    refused.push(`${text}: never accepted`)
  }

  await Promise.all(lanes.map(async ({ session, chat }, lane) => {
    const random = seeded(seed, `lane ${lane}`)
    while (place < count) {
      await pace.turn()
      if (place >= count) return
      const text = `out ${String(place++).padStart(6, '0')}`
      await send(session, chat, text, random.chance(0.5) ? 'respond-async' : `wait=${random.whole(1, 3)}`)
    }
  }))
  return { sent, refused }
}

/** So many posts of one key at the same moment; the ids that they name must be one. */
export async function postAtOnce(gateway: Mortal, { sessions, contacts: [chat = ''] }: Town, count: number): Promise<Sent> {
  const [session = ''] = sessions.values()
  const text = 'out at once'
  const posts = Array.from({ length: count }, () => gateway.call('POST', `/sessions/${session}/chats/${chat}/messages`, { text }, { 'idempotency-key': keyOf(text), prefer: 'wait=5' }))
  const answers = await Promise.all(posts)
  const ids = answers.flatMap(({ status, body }) => (status < 300 ? [String(body['messageId'])] : []))
  return { session, chat, text, ids: [...new Set(ids)], tries: count }
}

/** The same send under its key again, after all is over: the id it names. */
export async function replay(gateway: Mortal, { session, chat, text }: Sent): Promise<string | null> {
  const answer = await gateway.call('POST', `/sessions/${session}/chats/${chat}/messages`, { text }, { 'idempotency-key': keyOf(text), prefer: 'respond-async' })
  return answer.status < 300 ? String(answer.body['messageId']) : null
}
