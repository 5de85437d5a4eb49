import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { newSecret, rotated, ROTATION_MS, signatureHeaders, validSecrets } from '../../src/webhooks/signature.ts'

const forever = (secret: string) => [{ secret, expiresAt: null }]

describe('signatures', () => {
  it('are those of Standard Webhooks: its own example', () => {
    const headers = signatureHeaders(forever('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'), 'msg_p5jXN8AQM9LWM0D4loKWxJek', '{"test": 2432232314}', 1_614_265_330_999)
    expect(headers).toMatchObject({ 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330', 'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' })
  })

  it('sign the bytes of the body, under the text of the secret too', () => {
    const secret = newSecret()
    const body = '{"text":"¿qué tal? 🚚"}'
    expect(signatureHeaders(forever(secret), 'evt_1', body, 0)['x-hub-signature-256']).toBe(`sha256=${createHmac('sha256', secret).update(Buffer.from(body)).digest('hex')}`)
  })

  it('are made with both secrets for a day after a rotation, the new one first', () => {
    const [old, middle, fresh] = [newSecret(), newSecret(), newSecret()]
    const secrets = rotated(rotated(forever(old), middle, 1000), fresh, 2000)
    expect(validSecrets(secrets, 2000)).toEqual([fresh, middle])
    expect(validSecrets(secrets, 2000 + ROTATION_MS - 1)).toEqual([fresh, middle])
    expect(validSecrets(secrets, 2000 + ROTATION_MS)).toEqual([fresh])
    const both = signatureHeaders(secrets, 'evt_1', '{}', 2000)['webhook-signature']?.split(' ')
    expect(both).toHaveLength(2)
    expect(both).toEqual([fresh, middle].map((secret) => signatureHeaders(forever(secret), 'evt_1', '{}', 2000)['webhook-signature']))
  })

  it('have secrets of 32 random bytes', () => {
    const secret = newSecret()
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]+=*$/)
    expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32)
    expect(newSecret()).not.toBe(secret)
  })
})
