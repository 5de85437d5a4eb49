import type { WebhookReplay } from '../../schemas/webhook.ts'
import { invalidField, Problem } from '../errors.ts'
import { eventsGone } from '../events/page.ts'
import type { Page, Store } from '../store/store.ts'
import { GATEWAY, type DeliveryRow, type WebhookRow } from '../store/webhooks.ts'
import { madeAgain, untried } from './delivery.ts'
import type { DeliveryPlace } from './delivery-id.ts'
import type { Follower } from './follower.ts'
import { hearsType } from './subscription.ts'

/** Finds who follows a session for a webhook; null while the webhook is off. */
type FollowerOf = (webhookId: string, sessionId: string) => Follower | null

/** A closed range is written down event by event. */
const MAX_RANGE = 10_000
const PAGE = 200

/** Delivers again what a replay asks for; answers how many events it takes up. */
export async function replay(store: Store, followerOf: FollowerOf, webhook: WebhookRow, wanted: WebhookReplay): Promise<number> {
  if (wanted.type === 'failed') return replayFailed(store, followerOf, webhook, wanted.session ?? null)
  const { session: sessionId, from, to } = wanted
  const { first, last } = await store.events.bounds(sessionId)
  if (last === 0) throw invalidField('/body/session', 'has no events')
  if (from > last) throw invalidField('/body/from', `is ahead of the log, which ends at ${last}`)
  if (from < first) throw eventsGone(sessionId, first)
  if (to !== undefined && to < from) throw invalidField('/body/to', 'must not be below from')
  const cursor = (await store.webhooks.cursor(sessionId, webhook.id))?.seq ?? 0
  if (from > cursor) return 0
  if (to === undefined || to >= cursor) return rewind(store, followerOf, webhook.id, sessionId, from, cursor)
  if (to - from >= MAX_RANGE) throw invalidField('/body/to', `must be at most ${MAX_RANGE} events from from; leave it out to replay all`)
  for (let after = from - 1; after < to; ) {
    const rows = (await store.events.after(sessionId, after, PAGE)).filter(({ seq }) => seq <= to)
    after = rows.at(-1)?.seq ?? to
    const recorded = new Map((await store.webhooks.recorded(sessionId, webhook.id, (rows[0]?.seq ?? 1) - 1, after)).map((delivery) => [delivery.seq, delivery]))
    const again = rows.filter(({ type }) => hearsType(webhook, type)).map((row) => madeAgain(recorded.get(row.seq) ?? untried(webhook.id, row), Date.now()))
    await store.commit(sessionId, again.map((delivery) => ({ kind: 'delivery.put', delivery })))
  }
  followerOf(webhook.id, sessionId)?.hurry()
  return to - from + 1
}

async function rewind(store: Store, followerOf: FollowerOf, webhookId: string, sessionId: string, from: number, cursor: number): Promise<number> {
  const following = followerOf(webhookId, sessionId)
  if (following) await following.rewind(from - 1)
  else await store.commit(sessionId, [{ kind: 'delivery.rewind', webhookId, seq: from - 1 }, { kind: 'webhook.cursor', cursor: { webhookId, seq: from - 1, failingSince: null, succeededAt: null } }])
  return cursor - from + 1
}

async function replayFailed(store: Store, followerOf: FollowerOf, webhook: WebhookRow, sessionId: string | null): Promise<number> {
  const found = [...(await allOf(store, webhook.id, 'failed')), ...(await allOf(store, webhook.id, 'parked'))].filter((row) => sessionId === null || row.sessionId === sessionId)
  for (const id of new Set(found.map((row) => row.sessionId))) {
    const rows = found.filter((row) => row.sessionId === id)
    for (let from = 0; from < rows.length; from += PAGE) {
      await store.commit(id, rows.slice(from, from + PAGE).map((row) => ({ kind: 'delivery.put', delivery: madeAgain(row, Date.now()) })))
    }
    followerOf(webhook.id, id)?.hurry()
  }
  // Wakes the nodes that run the others; one that does not hear it takes them up when they are due.
  if (found.some((row) => followerOf(webhook.id, row.sessionId) === null)) await store.commit(GATEWAY, []).catch(() => undefined)
  return found.length
}

async function allOf(store: Store, webhookId: string, state: 'failed' | 'parked'): Promise<DeliveryRow[]> {
  const rows: DeliveryRow[] = []
  let cursor: string | null = null
  do {
    const page: Page<DeliveryRow> = await store.webhooks.deliveries(webhookId, state, { limit: PAGE, cursor })
    rows.push(...page.rows)
    cursor = page.next
  } while (cursor !== null)
  return rows
}

/** Makes one delivery again, now; one that still waits in its lane is tried at once. Answers it as it is then. */
export async function redeliver(store: Store, followerOf: FollowerOf, webhookId: string, place: DeliveryPlace | null): Promise<DeliveryRow> {
  const notFound = new Problem('DELIVERY_NOT_FOUND', `Webhook '${webhookId}' has no such delivery.`)
  if (place === null) throw notFound
  const { sessionId, seq } = place
  const [row] = await store.webhooks.recorded(sessionId, webhookId, seq - 1, seq)
  if (row === undefined) throw notFound
  const following = followerOf(webhookId, sessionId)
  if (row.state === 'pending' && !row.apart) {
    following?.release(seq)
    return row
  }
  const [event] = await store.events.after(sessionId, seq - 1, 1)
  if (event?.seq !== seq) throw eventsGone(sessionId, (await store.events.bounds(sessionId)).first)
  const again = madeAgain(row, Date.now())
  await store.commit(sessionId, [{ kind: 'delivery.put', delivery: again }])
  following?.hurry()
  return { ...again, sessionId }
}
