import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** What happens to a connection before it is cut: nothing, or one direction is swallowed for a while. */
export type Swallow = 'nothing' | 'from the gateway' | 'to the gateway'

/** A TCP proxy that a supervisor can harm. */
export interface FaultProxy {
  readonly wsUrl: string
  /** How many connections run through it. */
  open(): number
  /** Swallows for this long, then resets (RST) every connection that was open when it began. Answers how many. */
  reset(swallow: Swallow, holdMs: number): Promise<number>
  /** Swallows both directions of every connection that is open now, for ever: a half-open link. */
  silence(): number
  /** How many of the silenced connections the gateway has not let go yet. */
  silent(): number
  /** Swallows everything, in both directions and of new connections too, until {@link heal}. */
  cut(): void
  heal(): void
  close(): Promise<void>
}

interface Pair {
  readonly near: Socket
  readonly far: Socket
  swallow: Swallow | 'both'
}

/** Starts a proxy to the server of an address, such as that of a WebSocket. */
export async function startProxy(target: string): Promise<FaultProxy> {
  const { hostname, port, pathname } = new URL(target)
  const pairs = new Set<Pair>()
  let isCut = false
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    const pair: Pair = { near, far, swallow: isCut ? 'both' : 'nothing' }
    pairs.add(pair)
    near.setNoDelay(true)
    far.setNoDelay(true)
    near.on('data', (data) => {
      if (pair.swallow !== 'from the gateway' && pair.swallow !== 'both') far.write(data)
    })
    far.on('data', (data) => {
      if (pair.swallow !== 'to the gateway' && pair.swallow !== 'both') near.write(data)
    })
    for (const [one, other] of [[near, far], [far, near]] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => {
        pairs.delete(pair)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    wsUrl: `ws://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    open: () => pairs.size,
    async reset(swallow, holdMs) {
      const hit = [...pairs]
      if (swallow !== 'nothing') {
        for (const pair of hit) pair.swallow = swallow
        await delay(holdMs)
      }
      for (const { near, far } of hit) {
        near.resetAndDestroy()
        far.resetAndDestroy()
      }
      return hit.length
    },
    silence() {
      for (const pair of pairs) pair.swallow = 'both'
      return pairs.size
    },
    cut() {
      isCut = true
      for (const pair of pairs) pair.swallow = 'both'
    },
    heal() {
      isCut = false
      for (const { near, far } of pairs) {
        near.resetAndDestroy()
        far.resetAndDestroy()
      }
    },
    silent: () => [...pairs].filter(({ swallow }) => swallow === 'both').length,
    async close() {
      for (const { near, far } of pairs) {
        near.destroy()
        far.destroy()
      }
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
