import { execFileSync } from 'node:child_process'

/** The core of the subject alone, and the one of the simulator and the load. */
export const SUBJECT_CORE = 0
export const LOAD_CORE = 1

const taskset = (...args: readonly string[]): string => execFileSync('taskset', args, { encoding: 'utf8' })

/** Keeps this process, and what it starts from now on, on one core while it works. */
export async function onCore<T>(core: number, work: () => Promise<T>): Promise<T> {
  const before = taskset('-p', String(process.pid)).trim().split(' ').at(-1) ?? ''
  taskset('-a', '-c', '-p', String(core), String(process.pid))
  try {
    return await work()
  } finally {
    taskset('-a', '-p', before, String(process.pid))
  }
}
