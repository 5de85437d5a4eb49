import { BlockList } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refusedBy, type PrivateTargets } from '../../src/egress/address.ts'
import { EgressRefused } from '../../src/egress/failures.ts'
import { toTarget } from '../../src/egress/target.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
const check = { numRuns: 2_000, seed: SEED } as const
const SETTINGS: readonly PrivateTargets[] = ['none', 'loopback', 'all']
/** Of IANA's registries of special-purpose IPv4 and IPv6 addresses: what is not globally reachable. */
const SPECIAL_IPV4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
]
const SPECIAL_IPV6 = ['::/3', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', '4000::/2', '8000::/1']

function blockList(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}
const special4 = blockList('ipv4', SPECIAL_IPV4)
const special6 = blockList('ipv6', SPECIAL_IPV6)

const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.')
const fromDotted = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
const hex16 = (value: number): string => `${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`

/** Edges of the special ranges come often: that is where a guard errs. */
const edges = SPECIAL_IPV4.flatMap((range) => {
  const [address = '', bits] = range.split('/')
  const first = fromDotted(address)
  const last = first + 2 ** (32 - Number(bits)) - 1
  return [first - 1, first, last, last + 1].filter((value) => value >= 0 && value <= 0xffff_ffff)
})
const ipv4 = fc.oneof(fc.constantFrom(...edges, fromDotted('169.254.169.254'), fromDotted('168.63.129.16'), fromDotted('100.100.100.200')), fc.integer({ min: 0, max: 0xffff_ffff }))

const FULL_WIDTH = '０１２３４５６７８９'
const WRITERS: readonly ((part: number) => string)[] = [
  (part) => String(part),
  (part) => `0x${part.toString(16)}`,
  (part) => `0X${part.toString(16).toUpperCase().padStart(10, '0')}`,
  (part) => `0${part.toString(8)}`,
  (part) => `0000${part.toString(8)}`,
  (part) => String(part).replace(/\d/g, (digit) => FULL_WIDTH[Number(digit)] ?? ''),
  (part) => String(part).replace(/\d/g, '%3$&'),
]
const writer = fc.constantFrom(...WRITERS)
const dot = fc.constantFrom('.', '。', '．', '｡', '%2e', '%2E')

/** Notations of one IPv4 address that a URL may use for a host. */
const notation = (value: number): fc.Arbitrary<string> => {
  const bytes = [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff)
  const classic = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.array(writer, { minLength: 4, maxLength: 4 }), dot, fc.constantFrom('', '.')).map(([count, writers, separator, end]) => {
    const rest = value % 256 ** (5 - count)
    return [...bytes.slice(0, count - 1), rest].map((part, index) => (writers[index] ?? String)(part)).join(separator) + end
  })
  const mapped = fc.constantFrom(`[::ffff:${dotted(value)}]`, `[::FFFF:${hex16(value)}]`, `[0:0:0:0:0:ffff:${hex16(value)}]`, `[::ffff:0:${hex16(value)}]`, `[::ffff:0:${dotted(value)}]`)
  const nat64 = fc.constantFrom(`[64:ff9b::${dotted(value)}]`, `[64:ff9b:0:0:0:0:${hex16(value)}]`)
  const sixToFour = fc.integer({ min: 0, max: 0xffff }).map((rest) => `[2002:${hex16(value)}::${rest.toString(16)}]`)
  const teredo = fc.constantFrom(`[2001:0:808:808:0:0:${hex16(~value >>> 0)}]`, `[2001:0:${hex16(value)}:0:0:f7f7:f7f7]`)
  const isatap = fc.constantFrom(`[2606:4700:0:0:0:5efe:${hex16(value)}]`, `[2606:4700:1:2:200:5efe:${hex16(value)}]`)
  return fc.oneof({ weight: 3, arbitrary: classic }, mapped, nat64, sixToFour, teredo, isatap)
}

function verdict(url: string, privateTargets: PrivateTargets): string | null {
  try {
    toTarget(url, privateTargets)
    return null
  } catch (error) {
    if (error instanceof EgressRefused) return error.rule
    throw error
  }
}

describe(`an address (seed ${SEED})`, () => {
  it('gets one verdict in every notation', () => {
    const written = ipv4.chain((value) => notation(value).map((host) => ({ value, host })))
    expect(() => fc.assert(fc.property(written, fc.constantFrom(...SETTINGS), fc.constantFrom('http', 'https', 'HTTP'), ({ value, host }, privateTargets, scheme) => {
      if (verdict(`${scheme}://${host}/`, privateTargets) !== refusedBy(dotted(value), privateTargets)) throw new Error(`${host} is not judged as ${dotted(value)}`)
    }), check)).not.toThrow()
  })

  it('of IPv4 is never allowed where the registry says that it is not on the internet', () => {
    fc.assert(fc.property(ipv4, (value) => {
      const address = dotted(value)
      expect(refusedBy(address, 'none') === null && special4.check(address, 'ipv4')).toBe(false)
    }), check)
  })

  it('of IPv4 is allowed everywhere else, but for what is named', () => {
    const named = blockList('ipv4', ['168.63.129.16/32', '192.175.48.0/24', '192.31.196.0/24', '192.52.193.0/24'])
    fc.assert(fc.property(ipv4, (value) => {
      const address = dotted(value)
      fc.pre(!special4.check(address, 'ipv4') && !named.check(address, 'ipv4'))
      for (const setting of SETTINGS) expect(refusedBy(address, setting)).toBeNull()
    }), check)
  })

  it('of IPv6 is never allowed where the registry says that it is not on the internet', () => {
    // What carries an IPv4 address is judged by that one; the notations above cover it.
    const carriers = blockList('ipv6', ['::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b::/96', '2001::/32', '2002::/16'])
    const prefix = fc.constantFrom('', ...SPECIAL_IPV6.map((range) => range.split('/')[0] ?? ''), '2606:4700::', 'fc00::', 'fe80::', 'ff02::', '64:ff9b:1::', '3ffe::', '4000::')
    const address = fc.tuple(prefix, fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })).map(([start, parts]) => {
      const head = start.split('::')[0]?.split(':').filter(Boolean) ?? []
      return [...head, ...parts.slice(head.length).map((part) => part.toString(16))].join(':')
    })
    fc.assert(fc.property(address, (text) => {
      fc.pre(!carriers.check(text, 'ipv6'))
      expect(refusedBy(text, 'none') === null && special6.check(text, 'ipv6')).toBe(false)
    }), check)
  })

  it.each(['', '127.1', '0x7f.0.0.1', '010.0.0.1', 'localhost', '1.2.3', '8.8.8.8 ', '[::1]', '1.2.3.4.5'])('is refused when it is not written as systems write it: %j', (text) => {
    expect(refusedBy(text, 'all')).toBe('reserved')
  })

  it('of IPv6 may name its zone without escaping its range', () => {
    expect(refusedBy('fe80::1%eth0', 'all')).toBe('link_local')
    expect(refusedBy('::1%lo', 'none')).toBe('loopback')
    expect(refusedBy('::ffff:169.254.169.254%lo', 'all')).toBe('metadata')
  })
})
