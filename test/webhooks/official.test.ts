import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { newSecret, rotated, signatureHeaders } from '../../src/webhooks/signature.ts'

describe('the official library', () => {
  const [old, fresh] = [newSecret(), newSecret()]
  const body = JSON.stringify({ text: '¿qué tal? 🚚' })
  const headers = { ...signatureHeaders(rotated([{ secret: old, expiresAt: null }], fresh, Date.now()), 'evt_1', body, Date.now()) }

  it.each([['old', old], ['new', fresh]])('takes a delivery with the %s secret while both count', (_name, secret) => {
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body))
    expect(new Webhook(secret).verify(Buffer.from(body), headers)).toEqual(JSON.parse(body))
  })

  it('refuses another secret, another body and another id', () => {
    expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow(/signature/)
    expect(() => new Webhook(fresh).verify(`${body} `, headers)).toThrow(/signature/)
    expect(() => new Webhook(fresh).verify(body, { ...headers, 'webhook-id': 'evt_2' })).toThrow(/signature/)
  })
})
