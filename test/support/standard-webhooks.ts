import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Posted } from './receiver.ts'

const TOLERANCE_SECONDS = 5 * 60

/** The event in a delivery, once the headers of Standard Webhooks and the one of older receivers prove it; throws else. Written from the specification, apart from what signs. */
export function verified(secret: string, { headers, body }: Pick<Posted, 'headers' | 'body'>): unknown {
  const header = (name: string): string => {
    const value = headers[name]
    if (typeof value !== 'string') throw new Error(`the delivery has no ${name}`)
    return value
  }
  const ageSeconds = Math.abs(Date.now() / 1000 - Number(header('webhook-timestamp')))
  if (!(ageSeconds <= TOLERANCE_SECONDS)) throw new Error('the timestamp is too far from now')
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const expected = createHmac('sha256', key).update(`${header('webhook-id')}.${header('webhook-timestamp')}.${body}`).digest()
  const given = header('webhook-signature').split(' ').filter((one) => one.startsWith('v1,')).map((one) => Buffer.from(one.slice(3), 'base64'))
  if (!given.some((one) => one.length === expected.length && timingSafeEqual(one, expected))) throw new Error('no signature fits')
  const hub = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  if (given.length === 1 && header('x-hub-signature-256') !== hub) throw new Error('the signature for older receivers does not fit')
  return JSON.parse(body)
}
