import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { now, run, temporaryFolder } from './process.ts'
import type { History, SeededHistory } from './subject.ts'

/** A simulated WhatsApp in a process of its own. */
export interface SimulatorProcess {
  readonly wsUrl: string
  readonly mediaUrl: string
  readonly controlUrl: string
  /** A phone scans the code; answers when it did, in {@link now} time. */
  scan(qr: string, phone: string): Promise<number>
  /** Gives a phone a past, which its next link hands over. */
  seed(phone: string, history: History): Promise<SeededHistory>
  /** Stanzas that it did not know. */
  unknown(): Promise<number>
  stop(): Promise<void>
}

/** Starts the simulator and waits for its addresses. */
export async function startSimulatorProcess(): Promise<SimulatorProcess> {
  const program = run('../../src/simulator.js', { env: { DATA_DIR: temporaryFolder() } })
  const { stdout } = program.child
  if (!stdout) throw new Error('the simulator has no standard output')
  const [line] = (await once(createInterface({ input: stdout }), 'line')) as [string]
  const { wsUrl, mediaUrl, controlUrl } = JSON.parse(line) as Record<'wsUrl' | 'mediaUrl' | 'controlUrl', string>

  async function control(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${controlUrl}/sandbox${path}`, { method, ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }) })
    if (!response.ok) throw new Error(`the simulator answered ${path} with ${response.status}: ${await response.text()}`)
    return await response.json()
  }

  return {
    wsUrl,
    mediaUrl,
    controlUrl,
    async scan(qr, phone) {
      const at = now()
      await control('POST', '/scan', { qr, phone, name: `Bench ${phone}` })
      return at
    },
    async seed(phone, history) {
      const { chats } = (await control('POST', '/history', { account: phone, ...history })) as { chats: string[] }
      return { ...history, oldestChat: chats.at(-1) ?? '' }
    },
    async unknown() {
      const { unknownStanzas } = (await control('GET', '')) as { unknownStanzas: unknown[] }
      return unknownStanzas.length
    },
    stop: () => program.stop(),
  }
}
