import { built } from '../../faults/built.ts'
import { KEY, ready, startGatewayProcess } from '../gateway.ts'
import { poll, run, temporaryFolder, type Program } from '../process.ts'
import type { RawCommand, RawEvent } from '../raw.ts'
import { SUBJECT_CORE } from './cores.ts'
import { post } from './load.ts'
import { PROBE } from './probed.ts'
import type { CostSimulator } from './simulator.ts'

const SESSION = 'cost'

/** What the cost is measured of: the gateway, or raw Baileys with its keys in memory. */
export interface CostSubject {
  readonly program: Program
  /** Links it to this phone, until it is logged in. */
  link(phone: string): Promise<void>
  /** Sends so many texts to these phones in turn, at so many at the same time, until all are handed over. */
  send(phones: readonly string[], count: number, inFlight: number): Promise<void>
}

/** The gateway as it runs in production; `commitMs` slows each commit of its store. */
export async function startCostGateway(simulator: CostSimulator, commitMs = 0): Promise<CostSubject> {
  const slow = commitMs > 0 ? { imports: [PROBE, built('test/faults/preload.js')], env: { FAULTS_COMMIT_MS: String(commitMs) } } : { imports: [PROBE] }
  const { program, api, url } = await startGatewayProcess({ dataDir: temporaryFolder(), sandbox: simulator.frontUrl }, { ...slow, core: SUBJECT_CORE, ipc: true })
  await ready(api)
  return {
    program,
    async link(phone) {
      await api.post(`/sessions/${SESSION}`)
      const qr = await poll('a QR code', async () => (await api.get<{ qr: string | null }>(`/sessions/${SESSION}/qr`))?.qr ?? null)
      await simulator.scan(qr, { phone, name: 'Cost' })
      await poll('logging in', async () => ((await api.get<{ isLoggedIn: boolean }>(`/sessions/${SESSION}`))?.isLoggedIn === true ? true : null))
    },
    send: (phones, count, inFlight) => post({ url, key: KEY, session: SESSION, chats: phones, count, connections: inFlight }),
  }
}

/** Raw Baileys, as it comes. */
export async function startCostRaw(simulator: CostSimulator): Promise<CostSubject> {
  const { wsUrl, mediaUrl } = simulator.manifest
  const program = run('./raw-program.js', { ipc: true, imports: [PROBE], core: SUBJECT_CORE, args: [wsUrl, mediaUrl] })
  const tell = (command: RawCommand): void => void program.child.send(command)
  const told = <Kind extends RawEvent['kind']>(kind: Kind): Promise<Extract<RawEvent, { kind: Kind }>> =>
    new Promise((resolve) => {
      const listen = (message: unknown): void => {
        if ((message as RawEvent).kind !== kind) return
        program.child.off('message', listen)
        resolve(message as Extract<RawEvent, { kind: Kind }>)
      }
      program.child.on('message', listen)
    })
  // The probe listens first, and would take what is told before for itself.
  await told('ready')
  return {
    program,
    async link(phone) {
      const shown = told('qr')
      tell({ kind: 'link', id: SESSION })
      const open = told('open')
      await simulator.scan((await shown).qr, { phone, name: 'Cost' })
      await open
    },
    async send(phones, count, inFlight) {
      const sent = told('sent')
      tell({ kind: 'send', id: SESSION, chats: phones.map((phone) => `${phone}@s.whatsapp.net`), count, inFlight })
      await sent
    },
  }
}
