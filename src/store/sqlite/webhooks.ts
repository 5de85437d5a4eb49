import { readCursor, writeCursor } from '../cursor.ts'
import type { Page, PageRequest } from '../store.ts'
import { DELIVERY_STATES, type CursorRow, type DeliveryRow, type DeliveryState, type WebhookChange, type WebhookRow } from '../webhooks.ts'
import type { Connection } from './connection.ts'
import { cut } from '../cut.ts'
import type { Writes } from './write.ts'

type CursorColumns = [session: string, webhook: string, seq: number, failingSince: number | null, succeededAt: number | null]
type Columns = [
  session: string, webhook: string, seq: number, event: string, type: string, chat: string | null, state: string, apart: number, attempts: number, step: number,
  nextAt: number | null, status: number | null, error: string | null, at: number, durationMs: number | null,
]
type PlacedColumns = [...Columns, n: number]

const COLUMNS = 'session, webhook, seq, event, type, chat, state, apart, attempts, step, next_at, status, error, at, duration_ms'

const toWebhook = ([body]: readonly [string]): WebhookRow => JSON.parse(body) as WebhookRow
const toCursor = ([sessionId, webhookId, seq, failingSince, succeededAt]: CursorColumns): CursorRow => ({ sessionId, webhookId, seq, failingSince, succeededAt })
const toDelivery = ([sessionId, webhookId, seq, eventId, type, chatId, state, apart, attempts, step, nextAt, status, error, at, durationMs]: Columns | PlacedColumns): DeliveryRow =>
  ({ sessionId, webhookId, seq, eventId, type, chatId, state: state as DeliveryState, apart: apart === 1, attempts, step, nextAt, status, error, at, durationMs })

/** Reads of webhooks, their cursors and deliveries. */
export function webhookQueries(db: Connection) {
  const one = db.query<[string]>('SELECT body FROM webhooks WHERE id = ?')
  const first = db.query<[string]>('SELECT body FROM webhooks ORDER BY created_at DESC, id DESC LIMIT ?')
  const after = db.query<[string]>('SELECT body FROM webhooks WHERE (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?')
  const cursors = db.query<CursorColumns>('SELECT session, webhook, seq, failing_since, succeeded_at FROM webhook_cursors')
  const cursor = db.query<CursorColumns>('SELECT session, webhook, seq, failing_since, succeeded_at FROM webhook_cursors WHERE session = ? AND webhook = ?')
  const recorded = db.query<Columns>(`SELECT ${COLUMNS} FROM deliveries WHERE session = ? AND webhook = ? AND seq > ? AND seq <= ? ORDER BY seq`)
  const waiting = db.query<Columns>(`SELECT ${COLUMNS} FROM deliveries WHERE session = ? AND webhook = ? AND apart = 1 ORDER BY next_at, seq LIMIT ?`)
  const newest = db.query<PlacedColumns>(`SELECT ${COLUMNS}, n FROM deliveries WHERE webhook = ? AND state = ? AND n < ? ORDER BY n DESC LIMIT ?`)
  return {
    get: (id: string): WebhookRow | null => {
      const columns = one.get(id)
      return columns === null ? null : toWebhook(columns)
    },
    page: ({ limit, cursor: text }: PageRequest): Page<WebhookRow> => {
      const from = readCursor('webhooks', text)
      const found = (from === null ? first.all(limit + 1) : after.all(...from, limit + 1)).map(toWebhook)
      return cut(found, limit, ({ createdAt, id }) => writeCursor('webhooks', [createdAt, id]))
    },
    cursors: (): CursorRow[] => cursors.all().map(toCursor),
    cursor: (sessionId: string, webhookId: string): CursorRow | null => {
      const columns = cursor.get(sessionId, webhookId)
      return columns === null ? null : toCursor(columns)
    },
    recorded: (sessionId: string, webhookId: string, from: number, upTo: number): DeliveryRow[] => recorded.all(sessionId, webhookId, from, upTo).map(toDelivery),
    waiting: (sessionId: string, webhookId: string, limit: number): DeliveryRow[] => waiting.all(sessionId, webhookId, limit).map(toDelivery),
    deliveries: (webhookId: string, state: DeliveryState | null, { limit, cursor: text }: PageRequest): Page<DeliveryRow> => {
      const before = readCursor('deliveries', text)?.[0] ?? Number.MAX_SAFE_INTEGER
      const states = state === null ? DELIVERY_STATES : [state]
      const found = states.flatMap((some) => newest.all(webhookId, some, before, limit + 1)).toSorted((a, b) => (b.at(-1) as number) - (a.at(-1) as number))
      const { rows, next } = cut(found, limit, (columns) => writeCursor('deliveries', [columns.at(-1) as number, '']))
      return { rows: rows.map(toDelivery), next }
    },
  }
}

/** Writes of webhooks, their cursors and deliveries. */
export function webhookWrites(db: Connection): Writes<WebhookChange['kind']> {
  const put = db.query('INSERT INTO webhooks (id, created_at, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body')
  const remove = db.query('DELETE FROM webhooks WHERE id = ?')
  const putCursor = db.query('INSERT OR REPLACE INTO webhook_cursors (session, webhook, seq, failing_since, succeeded_at) VALUES (?, ?, ?, ?, ?)')
  const putDelivery = db.query(
    `INSERT INTO deliveries (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (session, webhook, seq) DO UPDATE SET event = excluded.event, type = excluded.type, chat = excluded.chat,
     state = excluded.state, apart = excluded.apart, attempts = excluded.attempts, step = excluded.step, next_at = excluded.next_at, status = excluded.status, error = excluded.error, at = excluded.at, duration_ms = excluded.duration_ms`,
  )
  const rewind = db.query('DELETE FROM deliveries WHERE session = ? AND webhook = ? AND seq > ?')
  const old = db.query('DELETE FROM deliveries WHERE n IN (SELECT n FROM deliveries WHERE session = ? AND webhook = ? AND state = ? AND +seq <= ? AND at < ? ORDER BY n LIMIT ?)')
  const excess = db.query('DELETE FROM deliveries WHERE n IN (SELECT n FROM deliveries WHERE session = ? AND webhook = ? AND state = ? AND +seq <= ? ORDER BY n DESC LIMIT ? OFFSET ?)')
  const drop = db.query('DELETE FROM deliveries WHERE n IN (SELECT n FROM deliveries WHERE session = ? AND webhook = ? LIMIT ?)')
  const removeCursor = db.query('DELETE FROM webhook_cursors WHERE session = ? AND webhook = ? AND NOT EXISTS (SELECT 1 FROM deliveries WHERE session = ? AND webhook = ?)')
  return {
    'webhook.put': (_sessionId, { webhook }) => void put.run(webhook.id, webhook.createdAt, JSON.stringify(webhook)),
    'webhook.delete': (_sessionId, { id }) => void remove.run(id),
    'webhook.cursor': (sessionId, { cursor: { webhookId, seq, failingSince, succeededAt } }) => void putCursor.run(sessionId, webhookId, seq, failingSince, succeededAt),
    'delivery.put': (sessionId, { delivery: { webhookId, seq, eventId, type, chatId, state, apart, attempts, step, nextAt, status, error, at, durationMs } }) =>
      void putDelivery.run(sessionId, webhookId, seq, eventId, type, chatId, state, Number(apart), attempts, step, nextAt, status, error, at, durationMs),
    'delivery.rewind': (sessionId, { webhookId, seq }) => void rewind.run(sessionId, webhookId, seq),
    'delivery.prune': (sessionId, { webhookId, state, upTo, before, keep, limit }) => {
      old.run(sessionId, webhookId, state, upTo, before, limit)
      excess.run(sessionId, webhookId, state, upTo, limit, keep)
    },
    'delivery.drop': (sessionId, { webhookId, limit }) => {
      drop.run(sessionId, webhookId, limit)
      removeCursor.run(sessionId, webhookId, sessionId, webhookId)
    },
  }
}
