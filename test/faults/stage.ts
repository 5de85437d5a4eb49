import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FaultsEnv } from './faults-env.ts'
import { startFront } from './front.ts'
import { mortalGateway, type Mortal } from './gateway.ts'
import { startProxy, type FaultProxy } from './proxy.ts'
import { startFarSimulator, type FarSimulator } from './simulator.ts'
import { redisUnderFire } from './store/redis.ts'
import { sqliteUnderFire } from './store/sqlite.ts'
import type { FaultStore, StoreKind } from './store/store.ts'

/** Where a part plays. */
export interface Stage {
  readonly dataDir: string
  readonly simulator: FarSimulator
  readonly proxy: FaultProxy
  readonly gateway: Mortal
  readonly store: FaultStore
}

/** How a stage is set up. */
export interface StageOptions<T> {
  /** What the gateway's data lies in; a file of SQLite unless told otherwise. */
  readonly store?: StoreKind | undefined
  /** Where the gateway's folder is, and stays; a temporary one otherwise. */
  readonly dataDir?: string | undefined
  /** The compiled module to run in place of our gateway. */
  readonly program?: string | undefined
  readonly env?: (dataDir: string) => FaultsEnv
  /** True for a result whose folder must be kept. */
  readonly isBad: (result: T) => boolean
}

/** Sets up a gateway that is not started yet, its simulator and the proxy between them, and clears everything away in the end; the folder stays when it went wrong. */
export async function withStage<T>({ store: kind = 'sqlite', dataDir: kept, program, env, isBad }: StageOptions<T>, work: (stage: Stage) => Promise<T>): Promise<T> {
  const dataDir = kept ?? mkdtempSync(join(tmpdir(), 'puente-faults-'))
  const store = kind === 'redis' ? await redisUnderFire() : sqliteUnderFire(dataDir)
  const simulator = await startFarSimulator()
  const proxy = await startProxy(simulator.started.wsUrl)
  const front = await startFront({ ...simulator.started, wsUrl: proxy.wsUrl })
  const gateway = mortalGateway({ dataDir, sandbox: front.url, program, env: { ...store.env, ...env?.(dataDir) } })
  let isGood = false
  try {
    const result = await work({ dataDir, simulator, proxy, gateway, store })
    isGood = !isBad(result)
    return result
  } finally {
    await gateway.kill()
    simulator.stop()
    await proxy.close()
    await front.close()
    await store.close()
    if (kept === undefined && isGood) rmSync(dataDir, { recursive: true, force: true })
    else process.stderr.write(`- the gateway's folder is kept in ${dataDir}\n`)
  }
}

/** Links a session by its QR code. */
export async function link({ gateway, simulator }: Pick<Stage, 'gateway' | 'simulator'>, id: string, phone: string): Promise<void> {
  await gateway.call('POST', `/sessions/${id}?wait=25`)
  const { body } = await gateway.call('GET', `/sessions/${id}/qr?wait=25`)
  await simulator.scan(String(body['qr']), { phone, name: `Owner of ${id}` })
}
