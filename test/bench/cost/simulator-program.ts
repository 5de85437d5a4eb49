/** The simulator of the cost, a process of its own: the wire as ever, but phones that count what comes instead of decrypting it, and messages that were encrypted beforehand. */
import { startSimulator } from '../../../src/simulator/simulator.ts'
import type { Device } from '../../../src/simulator/world/accounts.ts'
import { textOf } from './load.ts'
import { handOver, type Prepared } from './hand-over.ts'
import type { Handed, Paced, Replay, Send, Span, Verb } from './simulator.ts'

for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) console[method] = () => undefined

/** The phone of an account: device 0 of it. */
const isPhone = ({ id }: Device): boolean => id === 0

const simulator = await startSimulator()
const { accounts, delivery } = simulator.world
const deliver = delivery.deliver
const acknowledge = delivery.acknowledge

/** What happens to what a phone is to get: it is read, or only counted. */
let counting: { readonly own: string; readonly phase: Phase } | null = null
/** What is taken down instead of being delivered. */
let recorded: Prepared[] | null = null
let settled: () => void = () => undefined
let retries = 0

interface Phase {
  /** Counts one more that is done. */
  one(): void
  readonly done: Promise<Span>
}

/** A phase that is over after so many; the clock runs from the call. */
function phase(count: number): Phase {
  const from = performance.now()
  const cpu = process.cpuUsage()
  let first = 0
  let seen = 0
  let over: (span: Span) => void
  const done = new Promise<Span>((resolve) => (over = resolve))
  return {
    done,
    one() {
      const at = performance.now()
      if (seen === 0) first = at
      seen += 1
      if (seen !== count) return
      const { user, system } = process.cpuUsage(cpu)
      over({ perSecond: ((count - 1) * 1000) / (at - first), elapsedMs: at - from, cpuMs: (user + system) / 1000, retries })
    },
  }
}

delivery.deliver = (device, stanza) => {
  if (stanza.tag === 'receipt' && stanza.attrs['type'] === 'retry') retries += 1
  if (recorded && stanza.tag === 'message') recorded.push({ device, stanza })
  else if (!counting || !isPhone(device)) deliver(device, stanza)
  // The copy for the own phone is no message of its own.
  else if (stanza.tag === 'message' && device.lid !== counting.own) counting.phase.one()
}
delivery.acknowledge = (deviceKey, answer) => {
  const found = acknowledge(deviceKey, answer)
  if (found && answer.class === 'message') settled()
  return found
}

const lidOf = (phone: string): string => accounts.byPhone(phone)?.lid ?? ''

/** Waits for so many messages of the account, which nobody decrypts. */
async function countSends({ account, count }: Send): Promise<Span> {
  const counted = phase(count)
  counting = { own: lidOf(account), phase: counted }
  const span = await counted.done
  counting = null
  return span
}

/** Encrypts messages of each contact for the account, one after the other, and keeps them. */
async function prepare({ account, contacts, groups, count }: Replay): Promise<number> {
  recorded = []
  for (let place = 0; place < count; place += 1) {
    const writer = contacts[place % contacts.length] ?? ''
    const group = groups.length > 0 && place % 4 === 3 ? groups[Math.floor(place / 4) % groups.length] : undefined
    await simulator.say(writer, { to: group ?? account, type: 'text', text: textOf(place) })
  }
  recorded = recorded.filter(({ device }) => device.lid === lidOf(account) && !isPhone(device))
  return recorded.length
}

/** Lets the prepared messages go, so many ahead of their receipts. */
async function replay(ahead: number): Promise<Span> {
  const messages = recorded ?? []
  recorded = null
  const counted = phase(messages.length)
  counting = { own: '', phase: { ...counted, one: () => undefined } }
  let next = 0
  const more = (): void => {
    const message = messages[next++]
    if (message) deliver(message.device, message.stanza)
  }
  settled = () => {
    counted.one()
    more()
  }
  for (let place = 0; place < ahead; place += 1) more()
  const span = await counted.done
  settled = () => undefined
  counting = null
  return span
}

/** Who writes to each account or to a group of both, all of it encrypted beforehand; the accounts take turns. */
async function pace({ accounts: phones, contacts, groups, count, perSecond }: Paced): Promise<readonly Handed[]> {
  recorded = []
  for (let place = 0; place < count; place += 1) {
    const writer = contacts[place % contacts.length] ?? ''
    const group = groups.length > 0 && place % 4 === 3 ? groups[Math.floor(place / 4) % groups.length] : undefined
    for (const to of group === undefined ? phones : [group]) await simulator.say(writer, { to, type: 'text', text: textOf(place) })
  }
  const all = recorded
  recorded = null
  const queues = phones.map((account) => ({ account, messages: all.filter(({ device }) => device.lid === lidOf(account) && !isPhone(device)) }))
  for (const { messages } of queues) if (messages.length !== count) throw new Error(`${messages.length} messages were prepared instead of ${count}`)
  return await handOver(queues, perSecond, deliver)
}

const unknown = (): number => simulator.world.unknown.list().length

async function perform({ verb, args }: Verb): Promise<unknown> {
  const method: unknown = Reflect.get({ countSends, prepare, replay, pace, unknown }, verb) ?? Reflect.get(simulator, verb)
  if (typeof method !== 'function') throw new Error(`there is no verb ${verb}`)
  return Reflect.apply(method, simulator, args)
}

process.on('disconnect', () => process.exit(0))
process.once('SIGTERM', () => process.exit(0))
process.on('message', (call: Verb) => {
  perform(call).then(
    (value) => process.send?.({ id: call.id, value }),
    (error: unknown) => process.send?.({ id: call.id, error: String(error) }),
  )
})
process.send?.({ id: 0, value: simulator.manifest() })
