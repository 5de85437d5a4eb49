import { describe, expect, it } from 'vitest'
import { shorten } from '../../src/demo/calls.ts'

describe('an answer as the demo shows it', () => {
  it('stays whole when it is short', () => {
    expect(shorten({ status: 'sent', message: null, urgent: false })).toBe('{ "status": "sent", "message": null, "urgent": false }')
  })

  it('cuts a QR code and says how long it was', () => {
    expect(shorten({ qr: `data:image/png;base64,${'A'.repeat(5000)}` })).toMatch(/^\{ "qr": "data:image\/png;base64,A+\.\.\. \(5022 characters\)" \}$/)
  })

  it('shows the first entries of a list, without what says nothing', () => {
    const body = Array.from({ length: 5 }, (_, index) => ({ id: index, name: null, tags: [], deleted: false, from: { phone: '34600000001', lid: null } }))
    expect(shorten(body).split('\n')).toEqual([
      '[',
      '    { "id": 0, "from": { "phone": "34600000001" } },',
      '    { "id": 1, "from": { "phone": "34600000001" } },',
      '    { "id": 2, "from": { "phone": "34600000001" } },',
      '    ... 2 more',
      '  ]',
    ])
  })

  it('shows a long object field by field', () => {
    expect(shorten({ a: 'x'.repeat(58), b: 'y'.repeat(58), c: 1 }).split('\n')).toHaveLength(5)
  })
})
