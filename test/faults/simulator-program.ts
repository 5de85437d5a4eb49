import { startSimulator } from '../../src/simulator/simulator.ts'
import type { Account, Companion, PublicPreKey } from '../../src/simulator/world/accounts.ts'
import { LOW_PREKEYS, takeBundle } from '../../src/simulator/world/bundles.ts'
import type { Tally, Verb } from './simulator.ts'

/** The simulator in a process of its own, asked by messages: its verbs, and a tally of what no verb tells. */
for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) console[method] = () => undefined

const tally: Tally = { undecryptable: [], reusedPreKeys: 0, preKeys: 0, retries: [] }
const UNREADABLE = 'a phone could not decrypt a message'
const simulator = await startSimulator({
  logger: {
    info: (fields, words) => {
      if (words === UNREADABLE) tally.undecryptable.push({ ...(fields as { phone: string; id: string; reason: string }), at: Date.now() })
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
  if (stanza.tag === 'receipt' && stanza.attrs['type'] === 'retry') {
    const { id = '', from = '', participant = from } = stanza.attrs
    const asked = Array.isArray(stanza.content) ? stanza.content.find(({ tag }) => tag === 'retry') : undefined
    tally.retries.push({ id, from: participant, to: device.key, count: asked?.attrs['count'] ?? '', at: Date.now() })
  }
  deliver(device, stanza)
}

const accountOf = (phone: string): Account => {
  const account = simulator.world.accounts.byPhone(phone)
  if (!account) throw new Error(`nobody has the phone ${phone}`)
  return account
}

/** What no verb of the simulator does, as it is nothing that people do. */
const own: Readonly<Record<string, (argument: string) => unknown>> = {
  tally: () => tally,
  waits: (id) => simulator.world.accounts.list().some(({ companions }) => companions.some(({ key }) => simulator.world.delivery.pending(key).some(({ stanza }) => stanza.attrs['id'] === id))),
  drainPreKeys: (phone) => {
    for (const companion of accountOf(phone).companions) {
      for (let left = simulator.world.preKeys.count(companion); left >= LOW_PREKEYS; left -= 1) takeBundle(simulator.world, companion)
    }
  },
  preKeysOf: (phone) => accountOf(phone).companions.flatMap((companion) => {
    const keys: string[] = []
    // Handing them out is the only way to see them, so they are given back.
    const taken: PublicPreKey[] = []
    for (let left = simulator.world.preKeys.count(companion); left > 0; left -= 1) {
      const { preKey } = simulator.world.preKeys.take(companion)
      if (!preKey) break
      taken.push(preKey)
      keys.push(`${preKey.id} ${preKey.value.toString('base64')}`)
    }
    add(companion, taken)
    return keys
  }),
}

async function perform({ verb, args }: Verb): Promise<unknown> {
  if (own[verb]) return own[verb](String(args[0]))
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
