import { v7 as uuid } from 'uuid'
import type { NewWebhook, WebhookPatch } from '../../schemas/webhook.ts'
import { invalidField, Problem } from '../errors.ts'
import type { Page, PageRequest, Store } from '../store/store.ts'
import { GATEWAY, type WebhookRow } from '../store/webhooks.ts'
import { headerFault, kept } from './custom-headers.ts'
import { newSecret, rotated } from './signature.ts'
import { hearsSession } from './subscription.ts'

/** Which webhooks exist, durably. */
export interface WebhookRegistry {
  /** The webhook, or the WEBHOOK_NOT_FOUND problem. */
  require(id: string): Promise<WebhookRow>
  page(request: PageRequest): Promise<Page<WebhookRow>>
  all(): Promise<readonly WebhookRow[]>
  /** It hears of what happens from now on. */
  create(wanted: NewWebhook): Promise<WebhookRow>
  patch(id: string, wanted: WebhookPatch): Promise<WebhookRow>
  /** The webhook with a new secret; the one before stays valid for a day. */
  rotate(id: string): Promise<WebhookRow>
  /** Switches it off for a reason of ours; null when it was off already. */
  disable(id: string, reason: 'gone' | 'failing'): Promise<WebhookRow | null>
  remove(id: string): Promise<void>
}

/** What the registry works with. */
export interface RegistryParts {
  readonly store: Store
  /** Throws the problem of a URL that must not be requested. */
  readonly checkUrl: (url: string) => void
  /** A webhook is as it is now, durably; null when it is gone. */
  readonly onChange: (id: string, webhook: WebhookRow | null) => void
}

const MAX_WEBHOOKS = 1000
const PAGE = 200

/** Keeps the webhooks in the store; changes of them go one after another. */
export function webhookRegistry({ store, checkUrl, onChange }: RegistryParts): WebhookRegistry {
  let turn: Promise<unknown> = Promise.resolve()
  const inOrder = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work)
    turn = mine.catch(() => undefined)
    return mine
  }

  async function require(id: string): Promise<WebhookRow> {
    const webhook = await store.webhooks.get(id)
    if (webhook === null) throw new Problem('WEBHOOK_NOT_FOUND', `There is no webhook '${id}'.`)
    return webhook
  }

  async function put(webhook: WebhookRow): Promise<WebhookRow> {
    await store.commit(GATEWAY, [{ kind: 'webhook.put', webhook }])
    onChange(webhook.id, webhook)
    return webhook
  }

  /** It starts at the end of every log that it begins to hear of. Sessions without a log are told from their beginning. */
  async function startNow(webhook: WebhookRow, isNew: (sessionId: string) => boolean): Promise<void> {
    const heads = [...(await store.events.heads())].filter(([sessionId]) => hearsSession(webhook, sessionId) && isNew(sessionId))
    await Promise.all(heads.map(([sessionId, seq]) => store.commit(sessionId, [{ kind: 'webhook.cursor', cursor: { webhookId: webhook.id, seq, failingSince: null, succeededAt: null } }])))
  }

  async function all(): Promise<readonly WebhookRow[]> {
    const found: WebhookRow[] = []
    let cursor: string | null = null
    do {
      const page: Page<WebhookRow> = await store.webhooks.page({ limit: PAGE, cursor })
      found.push(...page.rows)
      cursor = page.next
    } while (cursor !== null)
    return found
  }

  return {
    require,
    page: (request) => store.webhooks.page(request),
    all,
    create: ({ url, sessions = null, events = null, headers = {}, ordering = 'chat', enabled = true }) =>
      inOrder(async () => {
        checkUrl(url)
        checkHeaders(headers)
        if ((await all()).length >= MAX_WEBHOOKS) throw new Problem('TOO_MANY_WEBHOOKS', `There are ${MAX_WEBHOOKS} webhooks already; remove one first.`)
        const now = Date.now()
        const webhook: WebhookRow = {
          id: `whk_${uuid()}`, url, sessions, events, headers, ordering, enabled, disabledReason: null, disabledAt: null, enabledAt: now,
          secrets: [{ secret: newSecret(), expiresAt: null }], createdAt: now, updatedAt: now,
        }
        await startNow(webhook, () => true)
        return put(webhook)
      }),
    patch: (id, wanted) =>
      inOrder(async () => {
        const before = await require(id)
        if (wanted.url !== undefined) checkUrl(wanted.url)
        const headers = wanted.headers === undefined ? before.headers : kept(wanted.headers, before.headers)
        checkHeaders(headers)
        const now = Date.now()
        const isSwitched = wanted.enabled === true && !before.enabled
        const after: WebhookRow = {
          ...before, ...wanted, headers, updatedAt: now,
          ...(isSwitched ? { enabledAt: now, disabledReason: null, disabledAt: null } : {}),
          ...(wanted.enabled === false && before.enabled ? { disabledAt: now } : {}),
        }
        await startNow(after, (sessionId) => !hearsSession(before, sessionId))
        return put(after)
      }),
    rotate: (id) =>
      inOrder(async () => {
        const before = await require(id)
        const now = Date.now()
        return put({ ...before, secrets: rotated(before.secrets, newSecret(), now), updatedAt: now })
      }),
    disable: (id, disabledReason) =>
      inOrder(async () => {
        const before = await store.webhooks.get(id)
        if (before === null || !before.enabled) return null
        const now = Date.now()
        return put({ ...before, enabled: false, disabledReason, disabledAt: now, updatedAt: now })
      }),
    remove: (id) =>
      inOrder(async () => {
        await require(id)
        await store.commit(GATEWAY, [{ kind: 'webhook.delete', id }])
        onChange(id, null)
      }),
  }
}

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  const names = new Set<string>()
  for (const [name, value] of Object.entries(headers)) {
    const path = `/body/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    const fault = names.has(name.toLowerCase()) ? 'is given twice' : headerFault(name, value)
    if (fault !== null) throw invalidField(path, fault)
    names.add(name.toLowerCase())
  }
}
