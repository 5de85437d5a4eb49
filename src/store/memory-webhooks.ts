import type { PageRequest } from './store.ts'
import { memoryPage } from './memory-page.ts'
import type { CursorRow, DeliveryRow, WebhookChange, WebhookReader, WebhookRow } from './webhooks.ts'

interface Placed {
  readonly place: number
  readonly row: DeliveryRow
}

/** What the memory store holds of webhooks. */
export interface MemoryWebhooks extends WebhookReader {
  apply(sessionId: string, change: WebhookChange): void
}

/** Webhooks, cursors and deliveries in memory; `nextNumber` gives the order of first attempts, `assertOpen` throws once the store is closed. */
export function memoryWebhooks(nextNumber: () => number, assertOpen: () => void): MemoryWebhooks {
  const webhooks = new Map<string, WebhookRow>()
  const cursors = new Map<string, CursorRow>()
  const deliveries = new Map<string, Placed>()
  /** What is asked of a closed store rejects. */
  const open = <Rows>(rows: Rows): Rows => {
    assertOpen()
    return rows
  }
  const all = (): Placed[] => [...open(deliveries).values()]
  const of = (sessionId: string, webhookId: string): Placed[] => all().filter(({ row }) => row.sessionId === sessionId && row.webhookId === webhookId)
  const forget = ({ row }: Placed): void => void deliveries.delete(keyOf(row.sessionId, row.webhookId, row.seq))

  function apply(sessionId: string, change: WebhookChange): void {
    switch (change.kind) {
      case 'webhook.put':
        webhooks.set(change.webhook.id, change.webhook)
        return
      case 'webhook.delete':
        webhooks.delete(change.id)
        return
      case 'webhook.cursor':
        cursors.set(keyOf(sessionId, change.cursor.webhookId), { ...change.cursor, sessionId })
        return
      case 'delivery.put': {
        const key = keyOf(sessionId, change.delivery.webhookId, change.delivery.seq)
        deliveries.set(key, { place: deliveries.get(key)?.place ?? nextNumber(), row: { ...change.delivery, sessionId } })
        return
      }
      case 'delivery.rewind':
        of(sessionId, change.webhookId).filter(({ row }) => row.seq > change.seq).forEach(forget)
        return
      case 'delivery.prune': {
        const settled = (): Placed[] => of(sessionId, change.webhookId).filter(({ row }) => row.state === change.state && row.seq <= change.upTo).toSorted((a, b) => a.place - b.place)
        settled().filter(({ row }) => row.at < change.before).slice(0, change.limit).forEach(forget)
        settled().toReversed().slice(change.keep, change.keep + change.limit).forEach(forget)
        return
      }
      case 'delivery.drop':
        of(sessionId, change.webhookId).slice(0, change.limit).forEach(forget)
        if (of(sessionId, change.webhookId).length === 0) cursors.delete(keyOf(sessionId, change.webhookId))
        return
    }
  }

  const reader: WebhookReader = {
    get: async (id) => open(webhooks).get(id) ?? null,
    page: async (request) => memoryPage('webhooks', open(webhooks).values(), ({ createdAt, id }) => [createdAt, id], request),
    cursors: async () => [...open(cursors).values()],
    cursor: async (sessionId, webhookId) => open(cursors).get(keyOf(sessionId, webhookId)) ?? null,
    recorded: async (sessionId, webhookId, after, upTo) =>
      of(sessionId, webhookId).map(({ row }) => row).filter(({ seq }) => seq > after && seq <= upTo).toSorted((a, b) => a.seq - b.seq),
    waiting: async (sessionId, webhookId, limit) =>
      of(sessionId, webhookId).map(({ row }) => row).filter(({ apart }) => apart).toSorted((a, b) => (a.nextAt ?? 0) - (b.nextAt ?? 0) || a.seq - b.seq).slice(0, limit),
    deliveries: async (webhookId, state, request: PageRequest) => {
      const found = all().filter(({ row }) => row.webhookId === webhookId && (state === null || row.state === state))
      const { rows, next } = memoryPage('deliveries', found, ({ place }) => [place, ''], request)
      return { rows: rows.map(({ row }) => row), next }
    },
  }
  return { ...reader, apply }
}

const keyOf = (...parts: readonly (string | number)[]): string => JSON.stringify(parts)
