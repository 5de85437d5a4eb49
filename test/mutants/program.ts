import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** How a program ended: null when it had to be ended. */
export interface Ending {
  readonly code: number | null
  readonly output: string
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) end(child)
})

/** Runs a script of a copy with Node, in a process group of its own, and ends the whole group when it takes too long. */
export async function launch(root: string, args: readonly string[], withinMs: number): Promise<Ending> {
  const child = spawn(process.execPath, [...args], { cwd: root, detached: true, env: { PATH: process.env['PATH'] ?? '', HOME: root, TMPDIR: join(root, 'tmp'), NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (piece: string) => (output += piece))
  const late = setTimeout(() => end(child), withinMs)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(late)
  running.delete(child)
  // Nothing that it started may go on.
  end(child)
  return { code, output }
}

function end(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is gone.
  }
}
