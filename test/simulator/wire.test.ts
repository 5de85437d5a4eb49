import { expect, it } from 'vitest'
import { codecFor } from '../../src/simulator/wire/codec.ts'
import { frame, makeFrameReader } from '../../src/simulator/wire/frame.ts'
import { node } from '../../src/simulator/stanza/node.ts'

const INTRO = Buffer.from([0x57, 0x41, 6, 3])
const ROUTING = Buffer.concat([Buffer.from('ED'), Buffer.from([0, 1, 0, 0, 4, 8, 2, 8, 5])])

it.each([['without', Buffer.alloc(0)], ['with', ROUTING]])('cuts frames however the stream is split, %s a routing prefix', (_words, prefix) => {
  const stream = Buffer.concat([prefix, INTRO, frame(Buffer.from('first')), frame(Buffer.from('second'))])
  for (let split = 0; split <= stream.length; split++) {
    const reader = makeFrameReader()
    const frames = [...reader.read(stream.subarray(0, split)), ...reader.read(stream.subarray(split))]
    expect(frames.map(String)).toEqual(['first', 'second'])
    expect(reader.intro()).toEqual({ header: INTRO, dictionary: 3 })
  }
})

it('refuses who does not speak WhatsApp', () => {
  expect(() => makeFrameReader().read(Buffer.from('GET / HTTP/1.1'))).toThrow('not a WhatsApp client')
  expect(() => makeFrameReader().read(Buffer.from([0x57, 0x41, 6, 9]))).toThrow('not a WhatsApp client')
})

it('speaks both token dictionaries', async () => {
  const stanza = node('message', { from: '15550100001@s.whatsapp.net', type: 'text', id: '3EB0', notify: 'Ada' }, [
    node('enc', { v: '2', type: 'pkmsg' }, Buffer.from([1, 2, 3])),
  ])
  const [old, current] = [codecFor(2), codecFor(3)]
  expect(await old.decode(old.encode(stanza))).toEqual(stanza)
  expect(await current.decode(current.encode(stanza))).toEqual(stanza)
  expect(old.encode(stanza).equals(current.encode(stanza))).toBe(false)
  expect(old.encode(stanza).length).toBe(current.encode(stanza).length)
})
