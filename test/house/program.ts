import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'

/** What a shell command printed, and how it ended. */
export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A shell command that runs, with all that it started. */
export interface Running {
  readonly outcome: Promise<Outcome>
  /** Standard output so far. */
  printed(): string
  /** Asks the whole process group to end, then waits. */
  stop(): Promise<Outcome>
}

/** Starts a shell text in a process group of its own. */
export function startShell(text: string, env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn('bash', ['-c', text], { env: { ...process.env, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece))
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece))
  const outcome = new Promise<Outcome>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
  return {
    outcome,
    printed: () => stdout,
    async stop() {
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
      return await outcome
    },
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', resolve)
  })
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
