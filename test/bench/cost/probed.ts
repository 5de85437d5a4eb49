import { fileURLToPath } from 'node:url'
import type { Program } from '../process.ts'

/** What a subject's probe is told. */
export interface ProbeCommand {
  readonly kind: 'probe.start' | 'probe.stop'
}

/** What it tells of the time between. */
export interface ProbeReport {
  readonly kind: 'probed'
  /** Of all threads of the process. */
  readonly cpuMs: number
  /** How late its event loop was. */
  readonly lateP50Ms: number
  readonly lateP99Ms: number
}

/** The module that a subject loads first. */
export const PROBE = fileURLToPath(new URL('./probe.js', import.meta.url))

/** Watches the subject during some work. */
export async function probed<T>({ child }: Program, work: () => Promise<T>): Promise<{ readonly result: T; readonly report: ProbeReport }> {
  child.send({ kind: 'probe.start' } satisfies ProbeCommand)
  const result = await work()
  const report = new Promise<ProbeReport>((resolve) => {
    const listen = (message: unknown): void => {
      if ((message as ProbeReport).kind !== 'probed') return
      child.off('message', listen)
      resolve(message as ProbeReport)
    }
    child.on('message', listen)
  })
  child.send({ kind: 'probe.stop' } satisfies ProbeCommand)
  return { result, report: await report }
}
