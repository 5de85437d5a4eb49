import { describe, expect, it } from 'vitest'
import { headerFault, hidden, HIDDEN_VALUE, kept } from '../../src/webhooks/custom-headers.ts'
import { parseDeliveryId, toDeliveryId } from '../../src/webhooks/delivery-id.ts'
import { hearsSession, hearsType } from '../../src/webhooks/subscription.ts'

describe('headers of deliveries', () => {
  it.each(['Authorization', 'X-Api-Key', 'x-anything', 'Cookie'])('%s may be sent', (name) => expect(headerFault(name, 'Bearer x')).toBeNull())
  it.each(['Host', 'Connection', 'transfer-encoding', 'Content-Type', 'Content-Length', 'Webhook-Id', 'webhook-signature', 'X-Hub-Signature-256', 'Proxy-Authorization', 'Keep-Alive', 'TE', 'Upgrade', 'User-Agent'])(
    '%s may not', (name) => expect(headerFault(name, 'x')).toMatch(/Puente sets/))
  it.each([['', 'x'], ['a b', 'x'], ['a:', 'x'], ['ñ', 'x'], ['X', 'a\r\nb: c'], ['X', '\u0000'], ['X', 'ñ'], ['X', 'x'.repeat(1025)]])('neither may %j: %j', (name, value) => expect(headerFault(name, value)).not.toBeNull())

  it('are shown without their values, and take them back', () => {
    expect(hidden({ A: 'secret', B: '' })).toEqual({ A: HIDDEN_VALUE, B: HIDDEN_VALUE })
    expect(kept({ A: HIDDEN_VALUE, B: 'new', C: HIDDEN_VALUE }, { A: 'secret', B: 'old' })).toEqual({ A: 'secret', B: 'new', C: HIDDEN_VALUE })
  })
})

describe('what a webhook hears of', () => {
  it('is all, what it names, or families', () => {
    expect(hearsType({ events: null }, 'call.received')).toBe(true)
    expect(['message.received', 'message.sent', 'messages.sent', 'chat.updated', 'poll.vote'].map((type) => hearsType({ events: ['message.*', 'poll.vote'] }, type))).toEqual([true, true, false, false, true])
    expect(hearsType({ events: [] }, 'message.received')).toBe(false)
    expect([hearsSession({ sessions: null }, 'a'), hearsSession({ sessions: ['a'] }, 'a'), hearsSession({ sessions: ['a'] }, 'b')]).toEqual([true, true, false])
  })
})

describe('ids of deliveries', () => {
  it('name a session and a seq, and nothing else does', () => {
    const place = { sessionId: 'sales.1-x', seq: 12 }
    expect(parseDeliveryId(toDeliveryId(place))).toEqual(place)
    expect(['', 'dlv_', 'dlv_!!', `${toDeliveryId(place)}A`, 'dlv_MC5h', toDeliveryId({ sessionId: '', seq: 1 })].map(parseDeliveryId)).toEqual(Array(6).fill(null))
  })
})
