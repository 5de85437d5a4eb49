import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { LinkTarget } from './client.ts'

/** The simulator as `npm run simulator` starts it, spoken to over its control plane only. */
export type LoneSimulator = LinkTarget & {
  controlUrl: string
  /** Everything it has written to standard output. */
  readonly output: readonly string[]
  /** Asks the control plane; throws with the answer when it is no success. */
  control<T = unknown>(method: string, path: string, body?: unknown): Promise<T>
  /** Ends it with the signal; resolves to its exit code, null after a kill. */
  stop(signal?: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | null>
}

const SCRIPT = join(import.meta.dirname, '../../dist/src/simulator.js')

const addressesIn = (line: string): { wsUrl: string; mediaUrl: string; controlUrl: string } => {
  const read: unknown = JSON.parse(line)
  if (typeof read !== 'object' || read === null || !('wsUrl' in read) || !('mediaUrl' in read) || !('controlUrl' in read)) throw new Error(`not the line it should be: ${line}`)
  return { wsUrl: String(read.wsUrl), mediaUrl: String(read.mediaUrl), controlUrl: String(read.controlUrl) }
}

/** Starts it and waits for its line. */
export const startLoneSimulator = async (env: Record<string, string> = {}): Promise<LoneSimulator> => {
  const child = spawn(process.execPath, [SCRIPT], { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null)
  const output: string[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => output.push(line))
  await Promise.race([once(lines, 'line'), exited])
  const addresses = addressesIn(output[0] ?? '{}')
  const control = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(addresses.controlUrl + path, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status} ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
  return {
    ...addresses,
    output,
    control,
    scan: async (qr, scanner) => control('POST', '/sandbox/scan', { qr, ...scanner }),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal)
      return exited
    },
  }
}
