import type { CursorRow } from '../store/webhooks.ts'

/** Whether webhooks get anywhere, over all their sessions. */
export interface Health {
  /** Takes in what was known before the start. */
  learn(cursor: CursorRow): void
  /** True when nothing but failure came, since it was switched on, for so long that the webhook is to be switched off. */
  tried(webhookId: string, isSuccess: boolean, atMs: number, enabledAtMs: number): boolean
  /** A webhook is switched on again, or gone: what was before does not count. */
  forget(webhookId: string): void
}

interface Record {
  succeededAt: number
  failingSince: number | null
}

/** Keeps the time since which each webhook has only failed; `limitMs` of that is too long. */
export function healthOf(limitMs: number): Health {
  const records = new Map<string, Record>()
  const recordOf = (webhookId: string): Record => {
    const known = records.get(webhookId) ?? { succeededAt: 0, failingSince: null }
    records.set(webhookId, known)
    return known
  }
  return {
    learn({ webhookId, succeededAt, failingSince }) {
      const record = recordOf(webhookId)
      record.succeededAt = Math.max(record.succeededAt, succeededAt ?? 0)
      if (failingSince !== null) record.failingSince = Math.min(record.failingSince ?? failingSince, failingSince)
    },
    tried(webhookId, isSuccess, atMs, enabledAtMs) {
      const record = recordOf(webhookId)
      if (isSuccess) {
        record.succeededAt = atMs
        record.failingSince = null
        return false
      }
      record.failingSince ??= atMs
      return atMs - Math.max(record.failingSince, record.succeededAt, enabledAtMs) >= limitMs
    },
    forget: (webhookId) => void records.delete(webhookId),
  }
}
