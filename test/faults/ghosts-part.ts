import type { FaultKind } from '../../src/simulator/faults.ts'
import type { Row } from './row.ts'
import { link, withStage, type Stage, type StageOptions } from './stage.ts'
import { phoneOf } from './town.ts'
import { until } from './until.ts'

/** The size of the part about sends that can reach nobody. */
export interface GhostsSize extends Pick<StageOptions<unknown>, 'store'> {
  /** Of each kind. */
  readonly ghosts: number
  /** True to wait until those that nobody answers for are given up; otherwise the answers come back first. */
  readonly isPatient: boolean
}

interface Ghost {
  readonly kind: string
  readonly phone: string
  readonly text: string
  readonly id: string
}

interface Kind {
  readonly name: string
  /** What is wrong meanwhile; nothing where the number itself is. */
  readonly fault: FaultKind | null
  /** What the send must be told to have failed with. */
  readonly error: string
}

const KINDS: readonly Kind[] = [
  { name: 'unknown number', fault: null, error: 'NOT_ON_WHATSAPP' },
  { name: 'missing bundle', fault: 'missingBundle', error: 'WhatsApp answered 404' },
  { name: 'usync time-out', fault: 'usyncTimeout', error: 'WHATSAPP_UNAVAILABLE' },
]
const SENT: ReadonlySet<string> = new Set(['sent', 'delivered', 'read', 'played'])
const SESSION = 'ghosts'
const GOOD = 3
const FIRST_GOOD = 15_552_000_000
const FIRST_GHOST = 15_553_000_000
const OPEN_MS = 60_000
/** Three tries with two questions of 15 s each, and the waits between them; and once more after the kill. */
const GIVEN_UP_MS = 240_000
/** Far less than one question that nobody answers. */
const HELD_UP_MS = 10_000

/** Sends to nobody, with sends to somebody behind them, and a kill in between: nothing of it is ever told to be sent. */
export function ghostsPart({ ghosts: count, isPatient, ...where }: GhostsSize): Promise<readonly Row[]> {
  return withStage({ ...where, isBad: (rows: readonly Row[]) => rows.some(({ good }) => !good) }, async (stage) => {
    const { gateway, simulator, store } = stage
    const owner = phoneOf(0)
    const good = Array.from({ length: GOOD }, (_, place) => String(FIRST_GOOD + place))
    await gateway.start()
    await link(stage, SESSION, owner)
    await gateway.allOpen([SESSION], OPEN_MS)
    const sent: { readonly phone: string; readonly text: string }[] = []
    const ghosts: Ghost[] = []
    const heldUpMs: number[] = []
    const unlike: string[] = []

    async function greet(when: string): Promise<void> {
      for (const phone of good) {
        const began = Date.now()
        const text = `good ${when} ${phone}`
        const { status, body } = await post(stage, phone, text, 'wait=25')
        sent.push({ phone, text })
        // Taken while there was no connection: whoever asks, learns.
        const state = status === 202 ? await outcome(stage, phone, String(body['messageId'])) : status
        heldUpMs.push(Date.now() - began)
        if (status !== 201 && !SENT.has(String(state))) unlike.push(`${text}: ${String(state)}`)
      }
    }
    for (const [place, phone] of good.entries()) await simulator.addContact({ phone, name: `Good ${place}`, addressing: place % 2 === 0 ? 'lid' : 'pn' })
    // The first messages need all that is asked for here.
    await greet('at first')
    heldUpMs.length = 0

    for (const [number, { name, fault, error }] of KINDS.entries()) {
      const phones = Array.from({ length: count }, (_, place) => String(FIRST_GHOST + 1000 * number + place))
      // Every other unknown number was somebody's once.
      for (const [place, phone] of phones.entries()) if (fault !== null || place % 2 === 1) await simulator.addContact({ phone, name: `Ghost ${place}`, registered: fault !== null })
      if (fault !== null) await simulator.addFault({ kind: fault, account: owner, times: 0 })
      const mine: Ghost[] = []
      // While there is no connection, every number must be taken at its word.
      if (fault === null) await cut(stage)
      for (const phone of phones) {
        const text = `${name} ${phone}`
        const { body } = await post(stage, phone, text, 'respond-async')
        if (body['code'] !== error) mine.push({ kind: name, phone, text, id: String(body['messageId']) })
      }
      ghosts.push(...mine)
      await greet(`behind ${name}`)
      await gateway.kill()
      await gateway.start()
      await gateway.allOpen([SESSION], OPEN_MS)
      await greet(`after the kill with ${name}`)
      const isToEnd = fault !== 'usyncTimeout' || isPatient
      if (isToEnd) {
        const states = await until(async () => {
          const found = await Promise.all(mine.map(({ phone, id }) => gateway.call('GET', `/sessions/${SESSION}/chats/${phone}/messages/${id}`)))
          return { value: found.map(({ body }) => body), done: found.every(({ body }) => body['state'] === 'failed' || body['state'] === 'expired') }
        }, GIVEN_UP_MS)
        unlike.push(...states.flatMap((body, place) => (body['state'] === 'failed' && body['error'] === error ? [] : [`${mine[place]?.text}: ${String(body['state'])} ${String(body['error'])}`])))
        if (fault === null) {
          const { status, body } = await post(stage, phones[0] ?? '', `${name} again`, 'wait=5')
          if (body['code'] !== error) unlike.push(`${name} again: ${status} ${String(body['code'])}`)
        }
      } else ghosts.splice(ghosts.length - mine.length, mine.length, ...await beforeAnswers(stage, mine))
      if (fault !== null) await simulator.clearFaults(fault)
      if (isToEnd && fault !== null) await recovers(stage, phones[0] ?? '', `${name} is over`, sent, unlike)
    }

    const arrived = await until(async () => {
      const found = new Map(await Promise.all([...new Set([...good, ...sent.map(({ phone }) => phone), ...ghosts.map(({ phone }) => phone)])].map(async (phone) => [phone, await simulator.messagesOf(phone).catch(() => [])] as const)))
      return { value: found, done: sent.every(({ phone, text }) => found.get(phone)?.some((message) => message.text === text)) }
    }, OPEN_MS)
    await gateway.stop()
    const { events } = await store.record()
    const told = new Map(ghosts.map(({ id }) => [id, events.filter(({ type, data }) => type === 'message.updated' && (data['key'] as { id: string }).id === id).map(({ data }) => String(data['state']))]))
    const haunted = ghosts.filter(({ id }) => told.get(id)?.some((state) => SENT.has(state)))
    const copies = ghosts.filter(({ phone, text }) => arrived.get(phone)?.some((message) => message.text === text))
    const lost = sent.filter(({ phone, text }) => !arrived.get(phone)?.some((message) => message.text === text))
    const slowest = Math.max(0, ...heldUpMs)
    const none = (name: string, found: readonly string[]): Row => ({ part: 'ghosts', name, goal: '0', found: found.length === 0 ? '0' : `${found.length}: ${found.slice(0, 4).join(' | ')}`, good: found.length === 0 })
    return [
      ...KINDS.map(({ name }) => ({ part: 'ghosts', name: `sends accepted: ${name}`, goal: 'told', found: `${ghosts.filter(({ kind }) => kind === name).length} of ${count}`, good: true })),
      none('told to be sent, delivered or read', haunted.map(({ text }) => text)),
      none('at a phone all the same', copies.map(({ text }) => text)),
      none('without the failure that says why', unlike),
      none('good sends that did not arrive', lost.map(({ text }) => text)),
      { part: 'ghosts', name: 'good sends behind them, slowest until the ack', goal: `<= ${HELD_UP_MS} ms`, found: `${slowest} ms`, good: slowest <= HELD_UP_MS },
    ]
  })
}

const post = ({ gateway }: Stage, phone: string, text: string, prefer: string) => gateway.call('POST', `/sessions/${SESSION}/chats/${phone}/messages`, { text }, { prefer })

/** The state of a message once it is on its way no more. */
const outcome = ({ gateway }: Stage, phone: string, id: string): Promise<unknown> => until(async () => {
  const { body } = await gateway.call('GET', `/sessions/${SESSION}/chats/${phone}/messages/${id}`)
  return { value: body['state'], done: body['state'] !== 'queued' && body['state'] !== 'sending' }
}, OPEN_MS, 50)

/** Ends the links, and waits until the session knows. */
async function cut({ gateway, proxy }: Stage): Promise<void> {
  await proxy.reset('nothing', 0)
  await until(async () => {
    const { body } = await gateway.call('GET', `/sessions/${SESSION}`)
    return { value: null, done: body['state'] !== 'open' }
  }, OPEN_MS, 10)
}

/** Those of the ghosts that are told to be sent while nobody answers for them: none, in a good run. */
async function beforeAnswers({ gateway }: Stage, ghosts: readonly Ghost[]): Promise<Ghost[]> {
  const found = await Promise.all(ghosts.map(async (ghost) => ({ ghost, state: (await gateway.call('GET', `/sessions/${SESSION}/chats/${ghost.phone}/messages/${ghost.id}`)).body['state'] })))
  return found.flatMap(({ ghost, state }) => (state === 'queued' || state === 'failed' ? [] : [ghost]))
}

/** Once the fault is over, its contact can be written to. */
async function recovers(stage: Stage, phone: string, text: string, sent: { phone: string; text: string }[], unlike: string[]): Promise<void> {
  const { status } = await post(stage, phone, text, 'wait=25')
  sent.push({ phone, text })
  if (status !== 201) unlike.push(`${text}: ${status}`)
}
