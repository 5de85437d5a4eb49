import type { WebhookRow } from '../store/webhooks.ts'
import type { Outcome } from './attempt.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** The waits before each attempt that keeps its place in the lane. */
const IN_LANE_MS = [0, 5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 5 * MINUTE_MS] as const
/** The waits after that: the event is parked, and the lane goes on. */
const PARKED_MS = [0.5 * HOUR_MS, 2 * HOUR_MS, 5 * HOUR_MS, 10 * HOUR_MS, 14 * HOUR_MS, 20 * HOUR_MS, 24 * HOUR_MS] as const
const DELAYS_MS: readonly number[] = [...IN_LANE_MS, ...PARKED_MS]

/** The first step of the long schedule. */
export const PARKED_STEP = IN_LANE_MS.length
/** How many attempts an event gets before it has failed. */
export const MAX_STEPS = DELAYS_MS.length

const JITTER = 0.2
const MAX_RETRY_AFTER_MS = HOUR_MS
const TIMEOUT_MS = 15 * SECOND_MS
const DISABLE_AFTER_MS = 5 * 24 * HOUR_MS

/** The times that deliveries keep. */
export interface Timing {
  /** How long an endpoint may take to answer. */
  readonly timeoutMs: number
  /** How long nothing but failure is borne before the webhook is switched off. */
  readonly disableAfterMs: number
  /** The wait before the attempt at this step, jittered. */
  delayMs(step: number): number
}

/** What divides the times; only tests give it. */
export interface Haste {
  readonly schedule: number
  readonly timeout: number
}

/** The times as they are, or divided. */
export const timingOf = ({ schedule: divisor, timeout }: Haste = { schedule: 1, timeout: 1 }, random: () => number = Math.random): Timing => ({
  timeoutMs: TIMEOUT_MS / timeout,
  disableAfterMs: DISABLE_AFTER_MS / divisor,
  delayMs: (step) => Math.round(((DELAYS_MS[step] ?? 0) * (1 - JITTER + 2 * JITTER * random())) / divisor),
})

/** What comes after an attempt. */
export type Next =
  | { readonly kind: 'delivered' }
  /** Again at `step`, after `delayMs`; `parked`: the lane goes on meanwhile. */
  | { readonly kind: 'again'; readonly step: number; readonly delayMs: number; readonly parked: boolean }
  /** Not again by itself. */
  | { readonly kind: 'failed' }
  /** The endpoint is gone for good: the webhook is switched off, and the event stays as it is. */
  | { readonly kind: 'disable' }

/** What an attempt at `step` leads to. A strict lane never passes by an event that may still succeed, so nothing is parked in it, and what was refused has failed. */
export function nextAfter(outcome: Outcome, step: number, ordering: WebhookRow['ordering'], timing: Timing): Next {
  switch (outcome.kind) {
    case 'delivered':
    case 'gone':
      return { kind: outcome.kind === 'gone' ? 'disable' : 'delivered' }
    case 'refused':
      return ordering === 'strict' ? { kind: 'failed' } : again(Math.max(step + 1, PARKED_STEP), null, ordering, timing)
    case 'unavailable':
      return again(step + 1, outcome.retryAfterMs, ordering, timing)
  }
}

function again(step: number, askedMs: number | null, ordering: WebhookRow['ordering'], timing: Timing): Next {
  if (step >= MAX_STEPS) return { kind: 'failed' }
  const delayMs = Math.max(timing.delayMs(step), Math.min(askedMs ?? 0, MAX_RETRY_AFTER_MS))
  return { kind: 'again', step, delayMs, parked: step >= PARKED_STEP && ordering === 'chat' }
}

/** The milliseconds that a Retry-After header asks for (RFC 9110: seconds or a date), or null. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * SECOND_MS
  const at = Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs)
}
