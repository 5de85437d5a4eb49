import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts'

/** A call of one of the simulator's verbs, from the process that started this one. */
export type Call = { id: number; verb: string; args: unknown[] }

/** What came of it. */
export type Outcome = { id: number; value?: unknown; error?: string; code?: string }

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'UNKNOWN'

const perform = async (simulator: Simulator, { verb, args }: Call): Promise<unknown> => {
  const method: unknown = Reflect.get(simulator, verb)
  if (typeof method !== 'function') throw new Error(`there is no verb ${verb}`)
  return Reflect.apply(method, simulator, args)
}

const [dataDir, wsPort, mediaPort] = process.argv.slice(2)
const simulator = await startSimulator({ dataDir, wsPort: Number(wsPort ?? 0), mediaPort: Number(mediaPort ?? 0) })
process.on('message', (call: Call) => {
  perform(simulator, call).then(
    (value) => process.send?.({ id: call.id, value }),
    (error: unknown) => process.send?.({ id: call.id, error: String(error), code: codeOf(error) }),
  )
})
process.send?.({ id: 0, value: { wsUrl: simulator.wsUrl, mediaUrl: simulator.mediaUrl } })
