import type { EventRow } from '../store/store.ts'
import type { DeliveryRow } from '../store/webhooks.ts'
import type { Attempt } from './attempt.ts'
import { PARKED_STEP, type Next } from './schedule.ts'

/** A delivery as it is written: its session is the commit's. */
export type Delivery = Omit<DeliveryRow, 'sessionId'>

/** What is known of a delivery before an attempt. */
export type Before = Pick<Delivery, 'webhookId' | 'seq' | 'eventId' | 'type' | 'chatId' | 'attempts' | 'step'>

/** The delivery after an attempt; `apart`: it was tried apart from its lane. */
export function afterAttempt(before: Before, { status, durationMs, ...outcome }: Attempt, next: Next, apart: boolean, nowMs: number): Delivery {
  const { webhookId, seq, eventId, type, chatId, step } = before
  const base = { webhookId, seq, eventId, type, chatId, attempts: before.attempts + 1, status, error: 'error' in outcome ? outcome.error : null, at: nowMs, durationMs }
  switch (next.kind) {
    case 'delivered':
    case 'failed':
      return { ...base, state: next.kind, apart: false, step, nextAt: null }
    case 'again':
      return { ...base, state: next.parked || (apart && next.step >= PARKED_STEP) ? 'parked' : 'pending', apart: apart || next.parked, step: next.step, nextAt: nowMs + Math.round(next.delayMs) }
    case 'disable':
      return { ...base, state: apart && step >= PARKED_STEP ? 'parked' : 'pending', apart, step, nextAt: nowMs }
  }
}

/** A delivery whose event the log keeps no longer. */
export const lost = (before: Before, nowMs: number): Delivery => ({
  ...pickBefore(before), state: 'failed', apart: false, nextAt: null, status: null, error: 'The log does not keep the event any more.', at: nowMs, durationMs: null,
})

/** A delivery that is to be made again now, apart from its lane and from the start of the schedule. */
export const madeAgain = (delivery: Before, nowMs: number): Delivery => ({
  ...pickBefore(delivery), step: 0, state: 'pending', apart: true, nextAt: nowMs, status: null, error: null, at: nowMs, durationMs: null,
})

/** A delivery that was never tried. */
export const untried = (webhookId: string, { seq, id, type, chatId }: EventRow): Before => ({ webhookId, seq, eventId: id, type, chatId, attempts: 0, step: 0 })

const pickBefore = ({ webhookId, seq, eventId, type, chatId, attempts, step }: Before): Before => ({ webhookId, seq, eventId, type, chatId, attempts, step })
