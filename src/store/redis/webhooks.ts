import type { Redis } from 'ioredis'
import { readCursor, writeCursor } from '../cursor.ts'
import { cut } from '../cut.ts'
import type { Page, PageRequest } from '../store.ts'
import { DELIVERY_STATES, type CursorRow, type DeliveryRow, type DeliveryState, type WebhookChange, type WebhookRow } from '../webhooks.ts'
import type { Writes } from './commit.ts'
import type { Draft } from './draft.ts'
import { numberAt, restAfter, sortable, SORTABLE_LENGTH, type GatewayKeys, type Keys } from './keys.ts'
import { pageOf } from './script.ts'
import type { Source } from './source.ts'

/** A delivery and its place in lists. */
interface Stored {
  readonly place: number
  readonly row: DeliveryRow
}

const toWebhook = (text: string | null): WebhookRow | null => (text === null ? null : (JSON.parse(text) as WebhookRow))
const toCursor = (text: string | null): CursorRow | null => (text === null ? null : (JSON.parse(text) as CursorRow))
const toStored = (text: string | null | undefined): Stored | null => (text === null || text === undefined ? null : (JSON.parse(text) as Stored))

const webhookMember = ({ createdAt, id }: Pick<WebhookRow, 'createdAt' | 'id'>): string => `${sortable(createdAt)}${id}`
const cursorName = (sessionId: string, webhookId: string): string => JSON.stringify([sessionId, webhookId])
const placeMember = ({ place, row: { sessionId, seq } }: Stored): string => `${sortable(place)}${JSON.stringify([sessionId, seq])}`

/** Reads of webhooks, their cursors and deliveries. */
export function webhookReads(redis: Redis, source: Source, keys: Keys) {
  const { gateway } = keys
  async function rowsOf(sessionId: string, webhookId: string, seqs: readonly number[]): Promise<DeliveryRow[]> {
    const found = await source.fields(keys.session(sessionId).deliveries(webhookId), seqs.map(String))
    return found.flatMap((text) => toStored(text)?.row ?? [])
  }
  async function newest(webhookId: string, state: DeliveryState, before: number | null, count: number): Promise<Stored[]> {
    const members = await redis.zrevrangebylex(gateway.deliveries(webhookId, state), before === null ? '+' : `(${sortable(before)}`, '-', 'LIMIT', 0, count)
    const found = await Promise.all(members.map((member) => {
      const [sessionId, seq] = JSON.parse(restAfter(member, 1)) as [string, number]
      return source.field(keys.session(sessionId).deliveries(webhookId), String(seq))
    }))
    return found.flatMap((text) => toStored(text) ?? [])
  }
  return {
    get: async (id: string): Promise<WebhookRow | null> => toWebhook(await redis.hget(gateway.webhooks, id)),
    async page({ limit, cursor }: PageRequest): Promise<Page<WebhookRow>> {
      const from = readCursor('webhooks', cursor)
      const before = from === null ? null : webhookMember({ createdAt: Number(from[0]), id: String(from[1]) })
      const found = await pageOf(redis, gateway.webhookOrder, gateway.webhooks, before, limit + 1, SORTABLE_LENGTH)
      return cut(found.flatMap(({ row }) => toWebhook(row) ?? []), limit, ({ createdAt, id }) => writeCursor('webhooks', [createdAt, id]))
    },
    cursors: async (): Promise<CursorRow[]> => (await redis.hvals(gateway.cursors)).flatMap((text) => toCursor(text) ?? []),
    cursor: async (sessionId: string, webhookId: string): Promise<CursorRow | null> => toCursor(await redis.hget(gateway.cursors, cursorName(sessionId, webhookId))),
    async recorded(sessionId: string, webhookId: string, after: number, upTo: number): Promise<DeliveryRow[]> {
      const members = upTo <= after ? [] : await redis.zrangebylex(keys.session(sessionId).deliverySeqs(webhookId), `[${sortable(after + 1)}`, `[${sortable(upTo)}`)
      return rowsOf(sessionId, webhookId, members.map(Number))
    },
    async waiting(sessionId: string, webhookId: string, limit: number): Promise<DeliveryRow[]> {
      const members = await source.members(keys.session(sessionId).deliveriesApart(webhookId), { count: limit })
      return rowsOf(sessionId, webhookId, members.map((member) => numberAt(member, 1)))
    },
    async deliveries(webhookId: string, state: DeliveryState | null, { limit, cursor }: PageRequest): Promise<Page<DeliveryRow>> {
      const from = readCursor('deliveries', cursor)
      const states = state === null ? DELIVERY_STATES : [state]
      const found = (await Promise.all(states.map((some) => newest(webhookId, some, from === null ? null : Number(from[0]), limit + 1)))).flat().toSorted((one, other) => other.place - one.place)
      const { rows, next } = cut(found, limit, ({ place }) => writeCursor('deliveries', [place, '']))
      return { rows: rows.map(({ row }) => row), next }
    },
  }
}

const isSettled = (state: string): boolean => state === 'delivered' || state === 'failed'

/** Takes a delivery out of every order that its fields give it. */
function takeOut(draft: Draft, gateway: GatewayKeys, stored: Stored): void {
  const { keys } = draft
  const { webhookId, seq, state, apart, nextAt, at } = stored.row
  draft.take(gateway.deliveries(webhookId, state), placeMember(stored))
  if (apart) draft.take(keys.deliveriesApart(webhookId), `${sortable(nextAt ?? 0)}${sortable(seq)}`)
  if (!isSettled(state)) return
  draft.take(keys.deliveryAges(webhookId, state), `${sortable(at)}${sortable(stored.place)}${seq}`)
  draft.take(keys.deliveryPlaces(webhookId, state), `${sortable(stored.place)}${seq}`)
}

function putIn(draft: Draft, gateway: GatewayKeys, stored: Stored): void {
  const { keys } = draft
  const { webhookId, seq, state, apart, nextAt, at } = stored.row
  draft.put(keys.deliveries(webhookId), String(seq), JSON.stringify(stored))
  draft.add(gateway.deliveries(webhookId, state), placeMember(stored))
  if (apart) draft.add(keys.deliveriesApart(webhookId), `${sortable(nextAt ?? 0)}${sortable(seq)}`)
  if (!isSettled(state)) return
  draft.add(keys.deliveryAges(webhookId, state), `${sortable(at)}${sortable(stored.place)}${seq}`)
  draft.add(keys.deliveryPlaces(webhookId, state), `${sortable(stored.place)}${seq}`)
}

async function forget(draft: Draft, gateway: GatewayKeys, webhookId: string, seq: number): Promise<void> {
  const { keys } = draft
  const stored = toStored(await draft.field(keys.deliveries(webhookId), String(seq)))
  if (stored === null) return
  takeOut(draft, gateway, stored)
  draft.drop(keys.deliveries(webhookId), String(seq))
  draft.take(keys.deliverySeqs(webhookId), sortable(seq))
}

/** Members of an order that are looked through at once. */
const CHUNK = 200

/** Writes of webhooks, their cursors and deliveries. */
export const webhookWrites: Writes<WebhookChange['kind']> = {
  async 'webhook.put'({ draft, gateway }, { webhook }) {
    const stored = toWebhook(await draft.field(gateway.webhooks, webhook.id))
    if (stored !== null) draft.take(gateway.webhookOrder, webhookMember(stored))
    draft.put(gateway.webhooks, webhook.id, JSON.stringify(webhook))
    draft.add(gateway.webhookOrder, webhookMember(webhook))
  },
  async 'webhook.delete'({ draft, gateway }, { id }) {
    const stored = toWebhook(await draft.field(gateway.webhooks, id))
    if (stored === null) return
    draft.drop(gateway.webhooks, id)
    draft.take(gateway.webhookOrder, webhookMember(stored))
  },
  'webhook.cursor': ({ draft, gateway }, { cursor }) => draft.put(gateway.cursors, cursorName(draft.keys.id, cursor.webhookId), JSON.stringify({ ...cursor, sessionId: draft.keys.id })),
  async 'delivery.put'({ draft, gateway, nextDelivery }, { delivery }) {
    const { keys } = draft
    const { webhookId, seq } = delivery
    const place = nextDelivery()
    const before = toStored(await draft.field(keys.deliveries(webhookId), String(seq)))
    if (before === null) draft.add(keys.deliverySeqs(webhookId), sortable(seq))
    else takeOut(draft, gateway, before)
    putIn(draft, gateway, { place: before?.place ?? place, row: { ...delivery, sessionId: keys.id } })
  },
  async 'delivery.rewind'({ draft, gateway }, { webhookId, seq }) {
    for (const member of await draft.members(draft.keys.deliverySeqs(webhookId), { after: sortable(seq) })) await forget(draft, gateway, webhookId, Number(member))
  },
  async 'delivery.prune'({ draft, gateway }, { webhookId, state, upTo, before, keep, limit }) {
    const { keys } = draft
    const old: number[] = []
    const ages = keys.deliveryAges(webhookId, state)
    let after: string | undefined
    while (old.length < limit) {
      const members: readonly string[] = await draft.members(ages, { ...(after === undefined ? {} : { after }), count: CHUNK })
      const due = members.filter((member) => numberAt(member, 0) < before)
      old.push(...due.map((member) => Number(restAfter(member, 2))).filter((seq) => seq <= upTo))
      if (due.length < CHUNK) break
      after = members.at(-1)
    }
    for (const seq of old.slice(0, limit)) await forget(draft, gateway, webhookId, seq)

    const places = keys.deliveryPlaces(webhookId, state)
    if ((await draft.size(places)) <= keep) return
    const settled = (await draft.members(places)).map((member) => Number(restAfter(member, 1))).filter((seq) => seq <= upTo)
    for (const seq of settled.toReversed().slice(keep, keep + limit)) await forget(draft, gateway, webhookId, seq)
  },
  async 'delivery.drop'({ draft, gateway }, { webhookId, limit }) {
    const { keys } = draft
    for (const member of await draft.members(keys.deliverySeqs(webhookId), { count: limit })) await forget(draft, gateway, webhookId, Number(member))
    if ((await draft.size(keys.deliverySeqs(webhookId))) === 0) draft.drop(gateway.cursors, cursorName(keys.id, webhookId))
  },
}
