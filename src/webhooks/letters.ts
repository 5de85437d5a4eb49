import { LRUCache } from 'lru-cache'
import { toEvents } from '../events/view.ts'
import type { EventRow, Store } from '../store/store.ts'
import { toBody } from './body.ts'

/** Events as they are delivered; the same one for every webhook that hears of it. */
export interface Letters {
  bodyOf(sessionId: string, row: EventRow): Promise<string>
}

/** A few are kept, since many webhooks may want the same one at the same time. */
const KEPT_BYTES = 4 * 1024 * 1024
/** So that names of people are not those of long ago. */
const KEPT_MS = 10_000

/** Renders events from the log. */
export function lettersFrom(store: Store): Letters {
  const kept = new LRUCache<string, string>({ maxSize: KEPT_BYTES, sizeCalculation: (body) => body.length + 200, ttl: KEPT_MS })
  const underWay = new Map<string, Promise<string>>()

  async function render(sessionId: string, row: EventRow): Promise<string> {
    const [event] = await toEvents(store, sessionId, [row])
    if (event === undefined) throw new Error(`event ${row.seq} has no shape`)
    const body = toBody(event)
    kept.set(row.id, body)
    return body
  }

  return {
    async bodyOf(sessionId, row) {
      const known = kept.get(row.id)
      if (known !== undefined) return known
      const made = underWay.get(row.id) ?? render(sessionId, row).finally(() => underWay.delete(row.id))
      underWay.set(row.id, made)
      return made
    },
  }
}
