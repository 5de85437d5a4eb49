/** Loaded before a subject of the cost, never by the gateway itself: tells what the process used and how late its event loop was, for as long as it is asked to. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'
import type { ProbeCommand, ProbeReport } from './probed.ts'

/** A timer of this many milliseconds, and by how much it is late. */
const RESOLUTION_MS = 5

if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  let from = process.cpuUsage()
  const lateMs = (percent: number): number => Math.max(0, delay.percentile(percent) / 1e6 - RESOLUTION_MS)
  process.on('message', ({ kind }: ProbeCommand) => {
    if (kind === 'probe.start') {
      delay.reset()
      delay.enable()
      from = process.cpuUsage()
    } else if (kind === 'probe.stop') {
      const { user, system } = process.cpuUsage(from)
      // The timer comes first where the loop has starved it all along.
      setTimeout(() => {
        delay.disable()
        process.send?.({ kind: 'probed', cpuMs: (user + system) / 1000, lateP50Ms: lateMs(50), lateP99Ms: lateMs(99) } satisfies ProbeReport)
      }, 2 * RESOLUTION_MS)
    }
  })
}
