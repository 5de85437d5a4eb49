import { setMaxListeners } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import { heldStore, type Lease, type Ownership } from '../cluster/lease.ts'
import type { Store } from '../store/store.ts'
import type { WebhookRow } from '../store/webhooks.ts'
import { entryOf } from '../events/record.ts'
import { attempt, type Post } from './attempt.ts'
import { follower, type Follower } from './follower.ts'
import { gateOf, type Gate } from './gate.ts'
import { healthOf } from './health.ts'
import { lettersFrom } from './letters.ts'
import { pruned } from './pruning.ts'
import type { Timing } from './schedule.ts'
import { hearsSession } from './subscription.ts'

/** Keeps a follower for each webhook and each session it hears of. */
export interface Dispatcher {
  /** Goes on where the last run ended. */
  start(webhooks: readonly WebhookRow[]): Promise<void>
  /** The session's log has something new. */
  ring(sessionId: string): void
  /** These are the webhooks that there are, whoever changed them; any log may have something new. */
  refresh(webhooks: readonly WebhookRow[]): void
  /** The webhook is new or changed, or null when it is gone. What is under way by its old settings ends first, unless it is gone. */
  changed(id: string, webhook: WebhookRow | null): void
  /** The one that follows, or null while the webhook is off. */
  followerOf(id: string, sessionId: string): Follower | null
  /** Lets what is under way end, but not for long. */
  close(): Promise<void>
}

/** What the dispatcher works with. */
export interface DispatcherParts {
  readonly store: Store
  readonly ownership: Ownership
  readonly post: Post
  readonly timing: Timing
  /** Switches a webhook off; called again as long as it is on and there is reason. */
  readonly disable: (id: string, reason: 'gone' | 'failing') => void
  readonly warn: (error: unknown, words: string) => void
}

/** How long a close waits for answers that are under way. */
const PATIENCE_MS = 3000
/** The same where another node waits for the session. */
const HAND_OVER_MS = 2000
const PRUNE_EVERY_MS = 60 * 60 * 1000
const DROP_LIMIT = 1000

interface Slot {
  readonly follower: Follower
  /** While it ends no other takes its place. */
  ending: Promise<void> | null
}

/** Follows nothing until it is started. */
export function dispatcher({ store, ownership, post, timing, disable, warn }: DispatcherParts): Dispatcher {
  const webhooks = new Map<string, WebhookRow>()
  const slots = new Map<string, Map<string, Slot>>()
  const health = healthOf(timing.disableAfterMs)
  const letters = lettersFrom(store)
  const gates = new Map<string, Gate>()
  /** Sessions that must not run here any more, though they may be held yet. */
  const givenBack = new Set<string>()
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  let pruneTimer: NodeJS.Timeout | undefined
  let isStarted = false
  let isClosed = false

  function make(id: string, sessionId: string, first: WebhookRow, lease: Lease): Follower {
    let last = first
    return follower({
      sessionId, timing, warn,
      store: heldStore(store, lease),
      webhook: () => (last = webhooks.get(id) ?? last),
      deliver: async (webhook, row, signal) => {
        const body = await letters.bodyOf(sessionId, row)
        const leave = await gateTo(id).enter(signal)
        const result = await attempt(post, webhook, row.id, body, timing.timeoutMs, signal)
        leave(result.durationMs)
        return result
      },
      tried(isSuccess, atMs) {
        if (health.tried(id, isSuccess, atMs, webhooks.get(id)?.enabledAt ?? 0)) disable(id, 'failing')
      },
      gone: () => disable(id, 'gone'),
      gapEvent: (from, to) => entryOf('webhook.gap', null, { webhookId: id, from, to }, Date.now()),
    })
  }

  function gateTo(id: string): Gate {
    const gate = gates.get(id) ?? gateOf(timing.timeoutMs)
    gates.set(id, gate)
    return gate
  }

  function follow(webhook: WebhookRow, sessionId: string): Slot | null {
    if (!isStarted || isClosed || givenBack.has(sessionId) || !webhook.enabled || !hearsSession(webhook, sessionId)) return null
    const own = slots.get(webhook.id) ?? new Map<string, Slot>()
    slots.set(webhook.id, own)
    const known = own.get(sessionId)
    if (known !== undefined) return known
    const lease = ownership.lease(sessionId)
    if (lease === null) return null
    const slot: Slot = { follower: make(webhook.id, sessionId, webhook, lease), ending: null }
    own.set(sessionId, slot)
    slot.follower.hurry()
    return slot
  }

  async function end(id: string, sessionId: string, slot: Slot, patience: AbortSignal): Promise<void> {
    slot.ending ??= slot.follower.stop(patience).finally(() => slots.get(id)?.delete(sessionId))
    await slot.ending
  }

  async function followAll(webhook: WebhookRow): Promise<void> {
    for (const sessionId of (await store.events.heads()).keys()) {
      const slot = follow(webhook, sessionId)
      slot?.follower.wake()
      slot?.follower.hurry()
    }
  }

  const endAll = async (id: string, which: (sessionId: string) => boolean, patience = closing.signal): Promise<void> => {
    const own = [...(slots.get(id) ?? [])]
    await Promise.all(own.filter(([sessionId]) => which(sessionId)).map(([sessionId, slot]) => end(id, sessionId, slot, patience)))
  }

  async function change(id: string, before: WebhookRow | undefined, webhook: WebhookRow): Promise<void> {
    const isOther = !webhook.enabled || before?.ordering !== webhook.ordering
    await endAll(id, (sessionId) => isOther || !hearsSession(webhook, sessionId))
    if (webhooks.get(id) === webhook) await followAll(webhook)
  }

  async function remove(id: string): Promise<void> {
    await endAll(id, () => true, AbortSignal.abort())
    await forget(id)
  }

  /** Forgets all that is stored of webhooks which are no more, a little at a time. */
  async function forget(id: string): Promise<void> {
    for (const { webhookId, sessionId } of await store.webhooks.cursors()) {
      if (webhookId !== id) continue
      const isLeft = async (): Promise<boolean> => !isClosed && (await store.webhooks.cursor(sessionId, id)) !== null
      while (await isLeft()) await store.commit(sessionId, [{ kind: 'delivery.drop', webhookId: id, limit: DROP_LIMIT }])
    }
  }

  /** The session begins to run here, or must not any more. */
  async function owned(sessionId: string, lease: Lease | null): Promise<void> {
    if (lease !== null) {
      givenBack.delete(sessionId)
      for (const webhook of webhooks.values()) follow(webhook, sessionId)?.follower.wake()
      return
    }
    givenBack.add(sessionId)
    // What was lost is broken off; what is given back in order waits for answers under way, so that nobody repeats them.
    const patience = ownership.lease(sessionId) === null ? AbortSignal.abort() : AbortSignal.timeout(HAND_OVER_MS)
    await Promise.all([...slots.keys()].map((id) => endAll(id, (other) => other === sessionId, patience)))
  }
  ownership.follow(owned)

  async function prune(): Promise<void> {
    for (const { webhookId, sessionId, seq } of await store.webhooks.cursors()) {
      if (!isClosed && ownership.lease(sessionId) !== null) await store.commit(sessionId, pruned(webhookId, seq, Date.now()))
    }
  }

  function changed(id: string, webhook: WebhookRow | null): void {
    const before = webhooks.get(id)
    if (webhook === null) gates.delete(id)
    if (webhook === null) webhooks.delete(id)
    else webhooks.set(id, webhook)
    if (webhook === null || !webhook.enabled) health.forget(id)
    const work = webhook === null ? remove(id) : change(id, before, webhook)
    work.catch((error: unknown) => warn(error, 'a change of a webhook has no effect yet'))
  }

  return {
    async start(all) {
      const cursors = await store.webhooks.cursors()
      for (const webhook of all) webhooks.set(webhook.id, webhook)
      for (const cursor of cursors) health.learn(cursor)
      isStarted = true
      for (const webhook of all) await followAll(webhook)
      const gone = new Set(cursors.map(({ webhookId }) => webhookId).filter((id) => !webhooks.has(id)))
      for (const id of gone) changed(id, null)
      pruneTimer = setInterval(() => void prune().catch((error: unknown) => warn(error, 'old deliveries cannot be removed')), PRUNE_EVERY_MS * (0.9 + 0.2 * Math.random()))
      pruneTimer.unref()
    },
    ring(sessionId) {
      for (const webhook of webhooks.values()) follow(webhook, sessionId)?.follower.wake()
    },
    refresh(all) {
      const ids = new Set(all.map(({ id }) => id))
      for (const id of webhooks.keys()) if (!ids.has(id)) changed(id, null)
      for (const webhook of all) {
        if (!isDeepStrictEqual(webhooks.get(webhook.id), webhook)) changed(webhook.id, webhook)
        else followAll(webhook).catch((error: unknown) => warn(error, 'the logs cannot be followed'))
      }
    },
    changed,
    followerOf(id, sessionId) {
      const slot = slots.get(id)?.get(sessionId)
      return slot === undefined || slot.ending !== null ? null : slot.follower
    },
    async close() {
      isClosed = true
      clearInterval(pruneTimer)
      const patience = setTimeout(() => closing.abort(), PATIENCE_MS)
      await Promise.all([...slots.keys()].map((id) => endAll(id, () => true)))
      clearTimeout(patience)
    },
  }
}
