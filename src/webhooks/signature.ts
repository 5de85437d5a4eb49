import { createHmac, randomBytes } from 'node:crypto'
import type { WebhookRow } from '../store/webhooks.ts'

/** Standard Webhooks asks for 24 to 64 bytes. */
const SECRET_BYTES = 32
const PREFIX = 'whsec_'

/** How long the secret before the last rotation stays valid. */
export const ROTATION_MS = 24 * 60 * 60 * 1000

type Secrets = WebhookRow['secrets']

/** A new secret: `whsec_` and base64. */
export const newSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString('base64')

/** The secrets after a rotation, the new one first; of the old ones only the last is left, for a day. */
export const rotated = (secrets: Secrets, secret: string, nowMs: number): Secrets => [{ secret, expiresAt: null }, ...secrets.slice(0, 1).map((old) => ({ secret: old.secret, expiresAt: nowMs + ROTATION_MS }))]

/** The secrets that count now, the newest first. */
export const validSecrets = (secrets: Secrets, nowMs: number): readonly string[] => secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > nowMs).map(({ secret }) => secret)

/**
 * The headers that prove where a delivery comes from: those of Standard Webhooks, one signature for each valid secret, and
 * `X-Hub-Signature-256` with the newest secret's text itself as its key.
 */
export function signatureHeaders(secrets: Secrets, id: string, body: string, nowMs: number): Readonly<Record<string, string>> {
  const seconds = Math.floor(nowMs / 1000)
  const valid = validSecrets(secrets, nowMs)
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': valid.map((secret) => `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`).digest('base64')}`).join(' '),
    'x-hub-signature-256': `sha256=${createHmac('sha256', valid[0] ?? '').update(body).digest('hex')}`,
  }
}

const keyOf = (secret: string): Buffer => Buffer.from(secret.slice(PREFIX.length), 'base64')
