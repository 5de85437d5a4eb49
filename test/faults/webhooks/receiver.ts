import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readSync } from 'node:fs'
import { createServer } from 'node:net'
import { built } from '../built.ts'

/** One answer of the endpoint, in the order in which it was given. */
export interface Noted {
  readonly path: string
  readonly id: string
  readonly session: string
  readonly seq: number
  readonly chatId: string
  /** 0 where it kept silent. */
  readonly status: number
  /** From the event to its arrival. */
  readonly latencyMs: number
}

/** An endpoint in a process of its own that can be killed and started again on its port. */
export interface DyingReceiver {
  readonly url: string
  start(secrets: Readonly<Record<string, string>>): Promise<void>
  kill(): Promise<void>
  /** Takes in what was noted since the last call. */
  read(): readonly Noted[]
}

/** How the endpoint misbehaves, in percent. */
export interface Manners {
  readonly seed: number
  readonly fails: number
  readonly hangs: number
}

const START_MS = 20_000
const CHUNK_BYTES = 1 << 20
const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** An endpoint that is not started yet; `bookPath` is where it notes its answers. */
export async function dyingReceiver(bookPath: string, { seed, fails, hangs }: Manners): Promise<DyingReceiver> {
  const port = await freePort()
  closeSync(openSync(bookPath, 'a'))
  const book = openSync(bookPath, 'r')
  let lives = 0
  let child: ChildProcess | null = null
  let place = 0
  let rest = ''
  return {
    url: `http://127.0.0.1:${port}`,
    async start(secrets) {
      lives += 1
      const made = spawn(process.execPath, [built('test/faults/webhooks/receiver-program.js')], {
        env: { PATH: process.env['PATH'] ?? '', RECEIVER_PORT: String(port), RECEIVER_BOOK: bookPath, RECEIVER_SECRETS: JSON.stringify(secrets), RECEIVER_SEED: String(seed + lives), RECEIVER_FAILS: String(fails), RECEIVER_HANGS: String(hangs) },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      child = made
      children.add(made)
      made.once('exit', () => children.delete(made))
      await once(made.stdout, 'data', { signal: AbortSignal.timeout(START_MS) })
    },
    async kill() {
      const dying = child
      child = null
      if (!dying) return
      const gone = once(dying, 'exit')
      dying.kill('SIGKILL')
      await gone
    },
    read() {
      const buffer = Buffer.alloc(CHUNK_BYTES)
      const noted: Noted[] = []
      for (let bytes = readSync(book, buffer, 0, CHUNK_BYTES, place); bytes > 0; bytes = readSync(book, buffer, 0, CHUNK_BYTES, place)) {
        place += bytes
        const lines = (rest + buffer.toString('utf8', 0, bytes)).split('\n')
        rest = lines.pop() ?? ''
        noted.push(...lines.map(toNoted))
      }
      return noted
    },
  }
}

function toNoted(line: string): Noted {
  const [path = '', id = '', session = '', seq, chatId = '', status, latencyMs] = line.split(' ')
  return { path, id, session, seq: Number(seq), chatId, status: Number(status), latencyMs: Number(latencyMs) }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
