import { built } from '../../faults/built.ts'
import { KEY, ready, startGatewayProcess, type Api } from '../gateway.ts'
import { poll, run, temporaryFolder, type Program } from '../process.ts'
import type { RawCommand, RawEvent, Seen } from '../raw.ts'
import { SUBJECT_CORE } from './cores.ts'
import { post } from './load.ts'
import { PROBE } from './probed.ts'
import type { CostSimulator } from './simulator.ts'

/** What the session of each is called. */
export const SESSION = 'cost'

/** What the cost is measured of: the gateway, or raw Baileys with its keys in memory. */
export interface CostSubject {
  readonly program: Program
  /** Links it to this phone, until it is logged in. */
  link(phone: string): Promise<void>
  /** Sends so many texts to these phones in turn, at so many at the same time, until all are handed over. */
  send(phones: readonly string[], count: number, inFlight: number): Promise<void>
}

/** How a subject is run. */
export interface SubjectOptions {
  /** The one core that it has; null for all. */
  readonly core?: number | null
  /** Slows each commit of the gateway's store. */
  readonly commitMs?: number
}

const onOneCore = (core: number | null) => (core === null ? {} : { core })

/** The gateway as it runs in production. */
export async function startCostGateway(simulator: CostSimulator, { core = SUBJECT_CORE, commitMs = 0 }: SubjectOptions = {}): Promise<CostSubject & { readonly api: Api; readonly url: string }> {
  const slow = commitMs > 0 ? { imports: [PROBE, built('test/faults/preload.js')], env: { FAULTS_COMMIT_MS: String(commitMs) } } : { imports: [PROBE] }
  const { program, api, url } = await startGatewayProcess({ dataDir: temporaryFolder(), sandbox: simulator.frontUrl }, { ...slow, ...onOneCore(core), ipc: true })
  await ready(api)
  return {
    program,
    api,
    url,
    async link(phone) {
      await api.post(`/sessions/${SESSION}`)
      const qr = await poll('a QR code', async () => (await api.get<{ qr: string | null }>(`/sessions/${SESSION}/qr`))?.qr ?? null)
      await simulator.scan(qr, { phone, name: 'Cost' })
      await poll('logging in', async () => ((await api.get<{ isLoggedIn: boolean }>(`/sessions/${SESSION}`))?.isLoggedIn === true ? true : null))
    },
    send: (phones, count, inFlight) => post({ url, key: KEY, session: SESSION, chats: phones, count, connections: inFlight }),
  }
}

/** Raw Baileys, as it comes; also says when it emits a message. */
export async function startCostRaw(simulator: CostSimulator, { core = SUBJECT_CORE }: Pick<SubjectOptions, 'core'> = {}): Promise<CostSubject & { watch(): void; seen(): Promise<readonly Seen[]> }> {
  const { wsUrl, mediaUrl } = simulator.manifest
  const program = run('./raw-program.js', { ipc: true, imports: [PROBE], ...onOneCore(core), args: [wsUrl, mediaUrl] })
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
    watch: () => tell({ kind: 'watch', id: SESSION }),
    async seen() {
      const report = told('seen')
      tell({ kind: 'report', id: SESSION })
      return (await report).seen
    },
  }
}
