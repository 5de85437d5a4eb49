import { randomUUID } from 'node:crypto'
import type { Account } from './world/accounts.ts'

/** What can go wrong on purpose; the second group strikes a live socket at once, or at its next login. */
export const FAULT_KINDS = [
  'failure', 'httpError', 'silentIq', 'ackError', 'slowAck', 'noAck', 'duplicate', 'corruptCiphertext', 'mediaGone',
  'offlineQueue', 'missingBundle', 'usyncTimeout', 'usyncUnknown', 'unavailable', 'qrExpired',
  'silent', 'drop', 'streamError', 'unlink', 'replaced', 'downgrade', 'xmlstreamend', 'garbageFrame',
] as const

/** The name of one fault. */
export type FaultKind = (typeof FAULT_KINDS)[number]

/** A fault to arm; `times` counts strikes (default 1, 0 = until cleared), `chance` with `seed` makes it random yet repeatable. */
export type FaultRequest = {
  kind: FaultKind
  /** The phone it is meant for; every account without one. */
  account?: string | undefined
  times?: number | undefined
  seed?: number | undefined
  /** Probability of a strike at each occasion, 0 to 1 (default 1). */
  chance?: number | undefined
  code?: number | undefined
  /** The iq namespace for silentIq; all of them without one. */
  xmlns?: string | undefined
  delayMs?: number | undefined
}

/** An armed fault and what it has done. */
export type Fault = FaultRequest & { id: string; struck: number; left: number }

/** The register of armed faults. */
export type Faults = {
  add(request: FaultRequest): Fault
  /** The fault that strikes now, counted as used; undefined when none does. */
  take(kind: FaultKind, account?: Account, fits?: (fault: Fault) => boolean): Fault | undefined
  list(): Fault[]
  clear(kind?: FaultKind): void
}

const UINT32 = 2 ** 32

/** A repeatable random sequence in [0, 1) (mulberry32). */
const sequence = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / UINT32
  }
}

/** Opens an empty register. */
export const openFaults = (): Faults => {
  const armed = new Map<string, { fault: Fault; draw: () => number }>()
  return {
    add: (request) => {
      const fault: Fault = { ...request, id: randomUUID(), struck: 0, left: request.times === 0 ? Infinity : (request.times ?? 1) }
      armed.set(fault.id, { fault, draw: sequence(request.seed ?? 1) })
      return fault
    },
    take: (kind, account, fits) => {
      for (const { fault, draw } of armed.values()) {
        if (fault.kind !== kind || fault.left <= 0) continue
        if (fault.account !== undefined && fault.account !== account?.phone) continue
        if (fits && !fits(fault)) continue
        if (fault.chance !== undefined && draw() >= fault.chance) continue
        fault.left -= 1
        fault.struck += 1
        return fault
      }
      return undefined
    },
    list: () => [...armed.values()].map(({ fault }) => fault),
    clear: (kind) => {
      for (const [id, { fault }] of armed) if (kind === undefined || fault.kind === kind) armed.delete(id)
    },
  }
}
