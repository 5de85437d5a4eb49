import { beside, median, type Figure, type Measure } from './figure.ts'
import { startGateway } from './gateway.ts'
import { residentMiB } from './process.ts'
import { startRaw } from './raw.ts'
import { startSimulatorProcess, type SimulatorProcess } from './simulator.ts'
import type { Subject } from './subject.ts'

const LINKS = 9
const HISTORY = { chats: 500, messagesPerChat: 100 }
const HISTORY_RUNS = 3
const IDLE_SESSIONS = 50
const WARM_UP = 2

const SUBJECTS: readonly (readonly [name: string, start: (simulator: SimulatorProcess) => Subject | Promise<Subject>])[] = [
  ['gateway', startGateway],
  ['raw', startRaw],
]

let nextPhone = 34_622_000_001
const newPhone = (): string => String(nextPhone++)

/** Runs the same work with the gateway and with raw Baileys in turn, each time on a simulator of its own; the medians in this order. */
async function both(work: (subject: Subject, simulator: SimulatorProcess) => Promise<number>, runs = 1): Promise<[ours: number, raw: number]> {
  const numbers = new Map<string, number[]>()
  for (let run = 0; run < runs; run++) {
    for (const [name, start] of SUBJECTS) {
      const simulator = await startSimulatorProcess()
      const subject = await start(simulator)
      numbers.set(name, [...(numbers.get(name) ?? []), await work(subject, simulator)])
      await subject.stop()
      const unknown = await simulator.unknown()
      await simulator.stop()
      if (unknown > 0) throw new Error(`the simulator did not know ${unknown} stanzas of ${name}`)
    }
  }
  return [median(numbers.get('gateway') ?? []), median(numbers.get('raw') ?? [])]
}

/** From the scan of a QR code to a session that is logged in. */
export const linking: Measure = async (say) => {
  say(`scan to logged in, median of ${LINKS}`)
  const [ours, raw] = await both(async (subject) => {
    const times: number[] = []
    for (let link = 0; link < WARM_UP + LINKS; link++) times.push(await subject.link(`link-${link}`, newPhone()))
    return median(times.slice(WARM_UP))
  })
  return [beside('scan to logged in', 2, 'ms', ours, raw)]
}

/** From the scan until a large past is stored and listable, or emitted by raw Baileys. */
export const history: Measure = async (say) => {
  say(`history of ${HISTORY.chats} chats x ${HISTORY.messagesPerChat} messages, median of ${HISTORY_RUNS}`)
  const [ours, raw] = await both(async (subject, simulator) => {
    await subject.link('warm-up', newPhone())
    const phone = newPhone()
    return await subject.linkWithHistory('history', phone, await simulator.seed(phone, HISTORY))
  }, HISTORY_RUNS)
  return [beside(`history of ${HISTORY.chats} x ${HISTORY.messagesPerChat} messages`, 2.5, 'ms', ours, raw)]
}

/** What many idle sessions cost in memory, and how long they take to come back after a restart. */
export const manySessions: Measure = async (say) => {
  say(`${IDLE_SESSIONS} linked idle sessions, then a restart`)
  const growth: number[] = []
  const [ours, raw] = await both(async (subject) => {
    for (let link = 0; link < WARM_UP; link++) await subject.link(`warm-up-${link}`, newPhone())
    const before = await residentMiB(subject.pid)
    for (let link = 0; link < IDLE_SESSIONS; link++) await subject.link(`idle-${link}`, newPhone())
    growth.push((await residentMiB(subject.pid)) - before)
    return await subject.restart(WARM_UP + IDLE_SESSIONS)
  })
  const figures: Figure[] = [
    beside(`growth by ${IDLE_SESSIONS} idle sessions`, 1.3, 'MiB', growth[0] ?? NaN, growth[1] ?? NaN),
    beside(`${WARM_UP + IDLE_SESSIONS} sessions resumed after a restart`, 2, 'ms', ours, raw),
  ]
  return figures
}
