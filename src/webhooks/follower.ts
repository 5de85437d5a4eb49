import { setMaxListeners } from 'node:events'
import { setImmediate as breathe, setTimeout as delay } from 'node:timers/promises'
import { StoreFailed } from '../store/faults.ts'
import type { EventRow, LogEntry, Store } from '../store/store.ts'
import type { DeliveryRow, WebhookChange, WebhookRow } from '../store/webhooks.ts'
import type { Attempt } from './attempt.ts'
import { afterAttempt, lost, type Before, type Delivery } from './delivery.ts'
import { lanesBy, type Entry, type Lane } from './lanes.ts'
import { pruned } from './pruning.ts'
import { nextAfter, PARKED_STEP, type Next, type Timing } from './schedule.ts'
import { hearsType } from './subscription.ts'

/** Follows one session's log for one webhook. */
export interface Follower {
  /** There may be something new in the log. */
  wake(): void
  /** There may be something to be tried apart from the lanes. */
  hurry(): void
  /** An event that waits in its lane for its next attempt need not wait any longer. */
  release(seq: number): void
  /** Goes on after this seq and forgets what became of the later events; what is under way is broken off. */
  rewind(seq: number): Promise<void>
  /** Starts nothing more, and waits for what is under way until `patience` ends. */
  stop(patience: AbortSignal): Promise<void>
}

/** What a follower works with. */
export interface FollowerParts {
  readonly sessionId: string
  /** As it is now: a change counts from the next attempt on. */
  readonly webhook: () => WebhookRow
  readonly store: Store
  readonly timing: Timing
  readonly deliver: (webhook: WebhookRow, row: EventRow, signal: AbortSignal) => Promise<Attempt>
  /** An attempt succeeded or failed. */
  readonly tried: (isSuccess: boolean, atMs: number) => void
  /** The endpoint is gone for good. */
  readonly gone: () => void
  readonly gapEvent: (from: number, to: number) => LogEntry
  readonly warn: (error: unknown, words: string) => void
}

const MAX_AT_ONCE = 8
/** Of these, so many for what is tried apart, so that it never keeps new events waiting. */
const MAX_APART_AT_ONCE = 4
const PAGE = 64
/** Events that wait in lanes; more are not read before some are dealt with. */
const MAX_AHEAD = 512
const APART_PAGE = 32
const STORE_RETRY_MS = 1000
/** How long a cursor that passed nothing but unwanted events stays unwritten. */
const CURSOR_LAG_MS = 2000
const MAX_TIMER_MS = 2_147_000_000
const PRUNE_EVERY = 256

/** An event that no webhook can be told must not hold up the others. */
const UNREADABLE: Attempt = { kind: 'unavailable', status: null, error: 'The event in the log cannot be read.', retryAfterMs: null, durationMs: 0 }

/** What an attempt came to; `attempt` null: the log keeps the event no longer. */
interface Tried {
  readonly attempt: Attempt | null
  readonly next: Next
}

/** Asleep until it is woken. */
export function follower({ sessionId, webhook, store, timing, deliver, tried, gone, gapEvent, warn }: FollowerParts): Follower {
  const { id: webhookId } = webhook()
  const lanes = lanesBy(({ chatId }) => (webhook().ordering === 'strict' ? '' : (chatId ?? '')), wake)
  /** Attempts in lanes, and apart from them by chat. */
  const inLanes = new Set<Promise<void>>()
  const apart = new Map<string | null, Promise<void>>()
  /** Events of lanes whose outcome is on its way to the disk. */
  const settling = new Set<number>()
  let breaking = breaker()
  let turning: Promise<void> | null = null
  let isWoken = false
  let isStopped = false
  let isPaused = false
  let isLoaded = false
  /** As far as is known, nothing is behind `readTo`. */
  let isAtEnd = false
  /** As far as is known, nothing is due apart. */
  let isApartIdle = false
  let apartTimer: NodeJS.Timeout | undefined
  let cursorTimer: NodeJS.Timeout | undefined
  let readTo = 0
  let written = 0
  /** Up to here events may have deliveries from before. */
  let recordedTo = 0
  let failingSince: number | null = null
  let succeededAt: number | null = null
  let settled = 0

  const mayGoOn = (): boolean => !isStopped && !isPaused

  function wake(): void {
    isWoken = true
    if (mayGoOn()) turning ??= turns()
  }

  async function turns(): Promise<void> {
    while (isWoken && mayGoOn()) {
      isWoken = false
      try {
        await turn()
      } catch (error) {
        warn(error, 'a webhook cannot read the log')
        await pause()
        isWoken = true
      }
    }
    turning = null
  }

  async function turn(): Promise<void> {
    if (!isLoaded) await load()
    startLanes()
    await startApart()
    if (!lanes.isReady() && inLanes.size < MAX_AT_ONCE && !isAtEnd && lanes.size() < MAX_AHEAD) {
      await readPage()
      isWoken = true
      // A long log of which nothing is wanted must not keep everybody else from their turn.
      if (!lanes.isReady()) await breathe()
    }
    writeCursorLater()
  }

  const pause = (): Promise<void> => delay(STORE_RETRY_MS, undefined, { signal: breaking.signal }).catch(() => undefined)

  async function load(): Promise<void> {
    const cursor = await store.webhooks.cursor(sessionId, webhookId)
    const { last } = await store.events.bounds(sessionId)
    readTo = cursor?.seq ?? 0
    written = readTo
    recordedTo = last
    failingSince = cursor?.failingSince ?? null
    succeededAt = cursor?.succeededAt ?? null
    isLoaded = true
  }

  async function readPage(): Promise<void> {
    isAtEnd = true
    const rows = await store.events.durableAfter(sessionId, readTo, PAGE)
    const [first, last] = [rows[0], rows.at(-1)]
    if (first === undefined || last === undefined) return
    if (rows.length === PAGE) isAtEnd = false
    const recorded = readTo >= recordedTo ? [] : await store.webhooks.recorded(sessionId, webhookId, readTo, last.seq)
    const before = new Map(recorded.map((delivery) => [delivery.seq, delivery]))
    if (first.seq > readTo + 1) await tellGap(readTo + 1, first.seq - 1)
    const current = webhook()
    for (const row of rows) {
      readTo = row.seq
      const delivery = before.get(row.seq)
      if (delivery !== undefined && (delivery.state !== 'pending' || delivery.apart)) continue
      if (!hearsType(current, row.type)) continue
      const { seq, id: eventId, type, chatId } = row
      lanes.add({ seq, eventId, type, chatId, row, attempts: delivery?.attempts ?? 0, step: delivery?.step ?? 0 }, (delivery?.nextAt ?? 0) - Date.now())
    }
  }

  /** The cursor passes the gap in the commit that tells it, unless it has to stay behind. */
  async function tellGap(from: number, to: number): Promise<void> {
    await store.commit(sessionId, [{ kind: 'event.append', event: gapEvent(from, to) }, cursorChange(lanes.first(settling) === null ? to : cursorNow())])
    isAtEnd = false
  }

  function startLanes(): void {
    // One place is left for what is due apart, however much is new.
    const most = MAX_AT_ONCE - Math.max(apart.size, isApartIdle ? 0 : 1)
    while (inLanes.size < most && mayGoOn()) {
      const taken = lanes.take()
      if (taken === null) return
      const work = tryFirst(taken.lane, taken.entry).finally(() => {
        inLanes.delete(work)
        wake()
      })
      inLanes.add(work)
    }
  }

  async function tryFirst(lane: Lane, entry: Entry): Promise<void> {
    const before: Before = { webhookId, ...entry }
    if (!hearsType(webhook(), entry.type)) return lanes.advance(lane)
    const result = await outcomeOf(before, entry.row)
    entry.row = null
    if (result === null) return
    const { attempt, next } = result
    const delivery = attempt === null ? lost(before, Date.now()) : afterAttempt(before, attempt, next, false, Date.now())
    const isDone = delivery.state !== 'pending'
    if (isDone) settling.add(entry.seq)
    if (await settle(delivery, attempt)) {
      Object.assign(entry, { attempts: delivery.attempts, step: delivery.step })
      if (isDone) lanes.advance(lane)
      else lanes.hold(lane, next.kind === 'again' ? next.delayMs : timing.delayMs(PARKED_STEP))
      if (delivery.state === 'parked') isApartIdle = false
      if (next.kind === 'disable') gone()
    }
    settling.delete(entry.seq)
  }

  /** Null when it was broken off: as if it had not been tried. */
  async function outcomeOf(before: Before, known: EventRow | null): Promise<Tried | null> {
    const { signal } = breaking
    while (!signal.aborted) {
      try {
        const row = known ?? (await store.events.durableAfter(sessionId, before.seq - 1, 1))[0]
        if (row?.seq !== before.seq) return { attempt: null, next: { kind: 'failed' } }
        const current = webhook()
        const attempt = await deliver(current, row, signal)
        if (!signal.aborted) return { attempt, next: nextAfter(attempt, before.step, current.ordering, timing) }
      } catch (error) {
        warn(error, 'an event cannot be made ready for a webhook')
        if (!(error instanceof StoreFailed)) return { attempt: UNREADABLE, next: { kind: 'failed' } }
        await pause()
      }
    }
    return null
  }

  /** Writes what became of an attempt, as often as it takes; false when that was broken off. */
  async function settle(delivery: Delivery, attempt: Attempt | null): Promise<boolean> {
    const { signal } = breaking
    const isSuccess = delivery.state === 'delivered'
    if (attempt !== null) {
      failingSince = isSuccess ? null : (failingSince ?? delivery.at)
      if (isSuccess) succeededAt = delivery.at
      tried(isSuccess, delivery.at)
    }
    settled += 1
    while (!signal.aborted) {
      try {
        await store.commit(sessionId, [
          { kind: 'delivery.put', delivery },
          cursorChange(cursorNow()),
          ...(attempt === null ? [{ kind: 'event.append', event: gapEvent(delivery.seq, delivery.seq) } as const] : []),
          ...(settled % PRUNE_EVERY === 0 ? pruned(webhookId, written, Date.now()) : []),
        ])
        return true
      } catch (error) {
        warn(error, 'what became of a delivery cannot be stored')
        await pause()
      }
    }
    return false
  }

  /** Every event up to here is settled, was not wanted, or has a delivery that will see to it. */
  function cursorNow(): number {
    const first = lanes.first(settling)
    return first === null ? readTo : first - 1
  }

  function cursorChange(seq: number): WebhookChange {
    written = seq
    return { kind: 'webhook.cursor', cursor: { webhookId, seq, failingSince, succeededAt } }
  }

  async function startApart(): Promise<void> {
    if (isApartIdle || apart.size >= MAX_APART_AT_ONCE) return
    isApartIdle = true
    clearTimeout(apartTimer)
    for (const row of await store.webhooks.waiting(sessionId, webhookId, APART_PAGE)) {
      const waitMs = (row.nextAt ?? 0) - Date.now()
      if (waitMs > 0) {
        apartTimer = setTimeout(hurry, Math.min(waitMs, MAX_TIMER_MS))
        return
      }
      if (apart.size >= MAX_APART_AT_ONCE || !mayGoOn()) return
      const chat = webhook().ordering === 'strict' ? null : row.chatId
      if (apart.has(chat)) continue
      apart.set(chat, tryApart(row).finally(() => {
        apart.delete(chat)
        hurry()
      }))
    }
  }

  async function tryApart(row: DeliveryRow): Promise<void> {
    const result = await outcomeOf(row, null)
    if (result === null) return
    const { attempt, next } = result
    const isStored = await settle(attempt === null ? lost(row, Date.now()) : afterAttempt(row, attempt, next, true, Date.now()), attempt)
    if (isStored && next.kind === 'disable') gone()
  }

  function hurry(): void {
    isApartIdle = false
    wake()
  }

  function writeCursorLater(): void {
    if (cursorTimer !== undefined || cursorNow() === written || isStopped) return
    cursorTimer = setTimeout(() => {
      cursorTimer = undefined
      void writeCursor()
    }, CURSOR_LAG_MS)
  }

  async function writeCursor(): Promise<void> {
    if (!isLoaded || cursorNow() === written) return
    await store.commit(sessionId, [cursorChange(cursorNow())]).catch((error: unknown) => warn(error, 'how far a webhook has come cannot be stored'))
  }

  const underWay = (): Promise<void>[] => [...(turning === null ? [] : [turning]), ...inLanes, ...apart.values()]

  async function quiet(): Promise<void> {
    while (underWay().length > 0) await Promise.all(underWay())
  }

  return {
    wake() {
      isAtEnd = false
      wake()
    },
    hurry,
    release: (seq) => void lanes.release(seq),
    async rewind(seq) {
      isPaused = true
      breaking.abort()
      await quiet()
      breaking = breaker()
      try {
        await store.commit(sessionId, [{ kind: 'delivery.rewind', webhookId, seq }, cursorChange(seq)])
      } finally {
        lanes.clear()
        isLoaded = false
        isPaused = false
        isAtEnd = false
        hurry()
      }
    },
    async stop(patience) {
      isStopped = true
      clearTimeout(apartTimer)
      clearTimeout(cursorTimer)
      const giveUp = (): void => breaking.abort()
      patience.addEventListener('abort', giveUp, { once: true })
      if (patience.aborted) giveUp()
      await quiet()
      patience.removeEventListener('abort', giveUp)
      await writeCursor()
      lanes.clear()
      // With no lanes the cursor would pass what was broken off: no later stop may write it.
      isLoaded = false
    },
  }
}

/** What breaks off all that is under way, which is more than the ten that Node takes for a mistake. */
function breaker(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
