import { describe, expect, it } from 'vitest'
import { deviceOf, isGroup, isLid, isPhoneJid, lidOf, normalizeJid, parseChatId, parsePhone, phoneOf } from '../src/jid.ts'

describe('parseChatId', () => {
  it.each([
    ['34600000001', '34600000001@s.whatsapp.net'],
    ['+34600000001', '34600000001@s.whatsapp.net'],
    ['34600000001@s.whatsapp.net', '34600000001@s.whatsapp.net'],
    ['34600000001@c.us', '34600000001@s.whatsapp.net'],
    ['34600000001:12@s.whatsapp.net', '34600000001@s.whatsapp.net'],
    ['123456789012345@lid', '123456789012345@lid'],
    ['123456789012345:3@lid', '123456789012345@lid'],
    ['120363000000000001@g.us', '120363000000000001@g.us'],
    ['34600000001-1500000000@g.us', '34600000001-1500000000@g.us'],
    ['120363000000000001@newsletter', '120363000000000001@newsletter'],
    ['status@broadcast', 'status@broadcast'],
  ])('takes %s', (text, id) => {
    expect(parseChatId(text)).toBe(id)
  })

  it.each(['', '+', 'abc', '12', '0034600000001', '+0123456789', '1234567890123456', '@s.whatsapp.net', 'a@s.whatsapp.net', 'x@lid', '../etc@g.us', '1@example.com', '346 000', '٣٤٦٠٠٠٠٠٠٠١'])('refuses %j', (text) => {
    expect(parseChatId(text)).toBeNull()
  })
})

describe('normalizeJid', () => {
  it('drops agent and device, and knows the hosted spellings', () => {
    expect(normalizeJid('34600000001_1:5@s.whatsapp.net')).toBe('34600000001@s.whatsapp.net')
    expect(normalizeJid('34600000001@hosted')).toBe('34600000001@s.whatsapp.net')
    expect(normalizeJid('77@hosted.lid')).toBe('77@lid')
  })

  it('answers null where there is no address', () => {
    for (const nothing of [null, undefined, '', '@lid', 'plain']) expect(normalizeJid(nothing)).toBeNull()
  })
})

it('takes an address apart', () => {
  expect(phoneOf('34600000001:2@s.whatsapp.net')).toBe('34600000001')
  expect(phoneOf('77@lid')).toBeNull()
  expect(lidOf('77:1@lid')).toBe('77')
  expect(deviceOf('77:9@lid')).toBe(9)
  expect(deviceOf('77@lid')).toBe(0)
  expect([isGroup('1@g.us'), isLid('1@lid'), isPhoneJid('1@s.whatsapp.net')]).toEqual([true, true, true])
  expect(parsePhone('+34600000001')).toBe('34600000001')
})
