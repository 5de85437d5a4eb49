import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CUT_MARK, MAX_BODY_BYTES, toBody } from '../../src/webhooks/body.ts'

const event = (data: object) => ({ id: 'evt_1', type: 'message.received', session: 's', seq: 1, timestamp: '2026-01-01T00:00:00.000Z', data })
const seed = Number(process.env['BODY_SEED'] ?? Date.now() % 0x7fffffff)

describe('the body of a delivery', () => {
  it('is the event itself', () => {
    expect(JSON.parse(toBody(event({ message: { text: 'hola' } })))).toEqual(event({ message: { text: 'hola' } }))
  })

  it('is cut at 64 kB, where it is longest, and says where', () => {
    const text = '¡'.repeat(65_536)
    const body = toBody(event({ message: { text, quoted: { text: 'short' } } }))
    const read = JSON.parse(body) as { truncated: string[]; data: { message: { text: string; quoted: { text: string } } } }
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES)
    expect(Buffer.byteLength(body)).toBeGreaterThan(MAX_BODY_BYTES * 0.9)
    expect(read.truncated).toEqual(['/data/message/text'])
    expect(read.data.message.text.endsWith(`¡${CUT_MARK}`)).toBe(true)
    expect(read.data.message.quoted.text).toBe('short')
  })

  it('loses the end of a list, whole entries each', () => {
    const people = Array.from({ length: 3000 }, (_, place) => ({ id: `${place}@s.whatsapp.net`, phone: String(place), lid: null, name: null }))
    const read = JSON.parse(toBody(event({ participants: people }))) as { truncated: string[]; data: { participants: unknown[] } }
    expect(read.truncated).toEqual(['/data/participants'])
    expect(read.data.participants.length).toBeGreaterThan(500)
    expect(read.data.participants).toEqual(people.slice(0, read.data.participants.length))
  })

  it('is never over the limit and always JSON, whatever is in it', () => {
    const long = fc.string({ unit: 'binary', maxLength: 6 }).map((piece) => piece.repeat(20_000))
    const data = fc.dictionary(fc.string({ maxLength: 5 }), fc.oneof(long, fc.array(long, { maxLength: 3 }), fc.record({ text: long, list: fc.array(fc.string(), { maxLength: 5 }) })), { maxKeys: 4 })
    fc.assert(fc.property(data, (some) => {
      const body = toBody(event(some))
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES)
      expect(JSON.parse(body)).toMatchObject({ id: 'evt_1', type: 'message.received' })
    }), { numRuns: 50, seed })
  })
})
