import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { mortalGateway } from '../gateway.ts'
import { dyingReceiver, type DyingReceiver } from './receiver.ts'

/** How many good endpoints there are beside the hole, how many events a second, and for how long each is looked at. */
export interface HoleSize {
  readonly seed: number
  readonly good: number
  readonly sessions: number
  readonly rate: number
  readonly seconds: number
}

/** What the good endpoints felt, without the hole and with it. */
export interface HoleResult {
  readonly deliveries: number
  readonly aloneP99Ms: number
  readonly besideP99Ms: number
  /** Resident memory of the gateway: a while after the hole began, and at the end. */
  readonly earlyMb: number
  readonly lateMb: number
  /** Requests that the hole swallowed. */
  readonly swallowed: number
}

const WARM_MS = 10_000

/** Measures the way of events to good endpoints, alone and beside one that takes every request and answers none. */
export async function runHole({ seed, good, sessions, rate, seconds }: HoleSize): Promise<HoleResult> {
  const folder = mkdtempSync(join(tmpdir(), 'puente-hole-'))
  const receiver = await dyingReceiver(join(folder, 'book'), { seed, fails: 0, hangs: 0 })
  const gateway = mortalGateway({
    dataDir: join(folder, 'gateway'), sandbox: 'false', program: 'test/faults/webhooks/program.js',
    env: { WEBHOOK_ALLOW_PRIVATE: 'loopback', LOAD_SESSIONS: String(sessions), LOAD_RATE: String(rate), LOAD_EVENTS: String(rate * (seconds * 3 + 60)), LOAD_HASTE: '1', LOAD_TIMEOUT_HASTE: '1' },
  })
  const sockets = new Set<Socket>()
  let swallowed = 0
  const hole = createServer((socket) => {
    sockets.add(socket)
    swallowed += 1
    socket.on('data', () => undefined).on('error', () => undefined).on('close', () => sockets.delete(socket))
  }).listen(0, '127.0.0.1')
  await once(hole, 'listening')
  try {
    await gateway.start({ LOAD_EVENTS: '0' })
    const secrets: Record<string, string> = {}
    for (let place = 0; place < good; place += 1) secrets[`/good-${place}`] = String((await gateway.call('POST', '/webhooks', { url: `${receiver.url}/good-${place}` })).body['secret'])
    await gateway.stop()
    await receiver.start(secrets)
    await gateway.start()
    await delay(WARM_MS)
    const alone = await latencies(receiver, seconds)
    await gateway.call('POST', '/webhooks', { url: `http://127.0.0.1:${(hole.address() as AddressInfo).port}/` })
    await delay(WARM_MS)
    const earlyMb = residentMb(gateway.pid())
    const beside = await latencies(receiver, seconds * 2)
    return { deliveries: alone.length + beside.length, aloneP99Ms: p99(alone), besideP99Ms: p99(beside), earlyMb, lateMb: residentMb(gateway.pid()), swallowed }
  } finally {
    await gateway.kill()
    await receiver.kill()
    for (const socket of sockets) socket.destroy()
    hole.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function latencies(receiver: DyingReceiver, seconds: number): Promise<number[]> {
  receiver.read()
  await delay(seconds * 1000)
  return receiver.read().filter(({ status }) => status === 200).map(({ latencyMs }) => latencyMs)
}

const p99 = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * 0.99) - 1)] ?? Infinity

const residentMb = (pid: number): number => Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024)
