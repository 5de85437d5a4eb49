import { performance } from 'node:perf_hooks'
import type { WebhookRow } from '../store/webhooks.ts'
import { signatureHeaders } from './signature.ts'
import { retryAfterMs } from './schedule.ts'
import { version } from '../version.ts'

/** What an endpoint answered, or in words why there is no answer. The words name no path or query. */
export type Answer = { readonly status: number; readonly retryAfter: string | null } | { readonly status: null; readonly error: string }

/** One POST to a URL that somebody else chose; never rejects. Aborting the signal ends it. */
export type Post = (url: string, request: { readonly headers: Readonly<Record<string, string>>; readonly body: string; readonly timeoutMs: number; readonly signal: AbortSignal }) => Promise<Answer>

/** What an attempt came to. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly status: number }
  /** 410: the endpoint wants nothing any more. */
  | { readonly kind: 'gone'; readonly status: number; readonly error: string }
  /** An answer that the same request would get again, redirects included: they are not followed. */
  | { readonly kind: 'refused'; readonly status: number; readonly error: string }
  /** It may go better later. */
  | { readonly kind: 'unavailable'; readonly status: number | null; readonly error: string; readonly retryAfterMs: number | null }

/** An outcome and how long it took. */
export type Attempt = Outcome & { readonly durationMs: number }

const LATER = new Set([408, 429])

/** Delivers a body under an event's id, signed. */
export async function attempt(post: Post, webhook: Pick<WebhookRow, 'url' | 'headers' | 'secrets'>, eventId: string, body: string, timeoutMs: number, signal: AbortSignal): Promise<Attempt> {
  const nowMs = Date.now()
  const from = performance.now()
  const headers = { ...webhook.headers, 'user-agent': `Puente/${version}`, 'content-type': 'application/json', ...signatureHeaders(webhook.secrets, eventId, body, nowMs) }
  const answer = await post(webhook.url, { headers, body, timeoutMs, signal })
  return { ...outcomeOf(answer, Date.now()), durationMs: Math.round(performance.now() - from) }
}

/** What an answer means. */
export function outcomeOf(answer: Answer, nowMs: number): Outcome {
  if (answer.status === null) return { kind: 'unavailable', status: null, error: answer.error, retryAfterMs: null }
  const { status } = answer
  const error = `The endpoint answered ${status}.`
  if (status >= 200 && status < 300) return { kind: 'delivered', status }
  if (status === 410) return { kind: 'gone', status, error }
  if (status >= 500 || LATER.has(status)) return { kind: 'unavailable', status, error, retryAfterMs: retryAfterMs(answer.retryAfter, nowMs) }
  return { kind: 'refused', status, error }
}
