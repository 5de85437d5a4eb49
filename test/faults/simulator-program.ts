import { startSimulator } from '../../src/simulator/simulator.ts'
import type { Companion, PublicPreKey } from '../../src/simulator/world/accounts.ts'
import type { Tally, Verb } from './simulator.ts'

/** The simulator in a process of its own, asked by messages: its verbs, and a tally of what no verb tells. */
for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) console[method] = () => undefined

const tally: Tally = { undecryptable: [], reusedPreKeys: 0, preKeys: 0, retries: 0 }
const UNREADABLE = 'a phone could not decrypt a message'
const simulator = await startSimulator({
  logger: {
    info: (fields, words) => {
      if (words === UNREADABLE) tally.undecryptable.push(JSON.stringify(fields))
    },
    warn: () => undefined,
    error: (fields, words) => void process.stderr.write(`${JSON.stringify({ ...fields, msg: words })}\n`),
  },
})

/** Every pre-key id a device ever uploaded, and the key under it. */
const uploaded = new Map<string, string>()
const add = simulator.world.preKeys.add
simulator.world.preKeys.add = (device: Companion, keys: PublicPreKey[]): void => {
  for (const { id, value } of keys) {
    const name = `${device.key} ${id}`
    const before = uploaded.get(name)
    const key = value.toString('base64')
    if (before !== undefined && before !== key) tally.reusedPreKeys += 1
    if (before === undefined) tally.preKeys += 1
    uploaded.set(name, key)
  }
  add(device, keys)
}

const deliver = simulator.world.delivery.deliver
simulator.world.delivery.deliver = (device, stanza) => {
  if (stanza.tag === 'receipt' && stanza.attrs['type'] === 'retry') tally.retries += 1
  deliver(device, stanza)
}

async function perform({ verb, args }: Verb): Promise<unknown> {
  if (verb === 'tally') return tally
  const method: unknown = Reflect.get(simulator, verb)
  if (typeof method !== 'function') throw new Error(`there is no verb ${verb}`)
  return Reflect.apply(method, simulator, args)
}

process.on('disconnect', () => process.exit(0))
process.on('message', (call: Verb) => {
  perform(call).then(
    (value) => process.send?.({ id: call.id, value }),
    (error: unknown) => process.send?.({ id: call.id, error: String(error) }),
  )
})
process.send?.({ id: 0, value: simulator.manifest() })
