import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Which targets that are not public may be reached: none, this machine alone, or private networks too. */
export type PrivateTargets = 'none' | 'loopback' | 'all'

/** Where an address lies, as far as a guard has to know. */
export type AddressRange = 'public' | 'loopback' | 'private' | 'link_local' | 'metadata' | 'multicast' | 'unspecified' | 'reserved'

/** The rule that refuses an address. */
export type AddressRule = Exclude<AddressRange, 'public'>

/** What the library calls a range -> what it is to us; a name that is not here is reserved. */
const RANGES: Readonly<Record<string, AddressRange>> = {
  unicast: 'public',
  loopback: 'loopback',
  private: 'private',
  uniqueLocal: 'private',
  carrierGradeNat: 'private',
  linkLocal: 'link_local',
  multicast: 'multicast',
  unspecified: 'unspecified',
}

/** Where clouds hand out credentials and orders to a machine, in the library's normal form. Some lie in private or even public ranges, so they are named. */
const METADATA: ReadonlySet<string> = new Set([
  '169.254.169.254', // AWS, Google, Azure, DigitalOcean, Oracle, OpenStack
  '169.254.170.2', // AWS ECS
  '169.254.170.23', // AWS EKS
  '100.100.100.200', // Alibaba
  '168.63.129.16', // Azure's wire server
  '192.0.0.192', // Oracle, classic
  'fd00:ec2:0:0:0:0:0:254', // AWS
  'fd00:ec2:0:0:0:0:0:23', // AWS EKS
  'fd20:ce:0:0:0:0:0:254', // Google
  'fd00:c1:0:0:0:0:a9fe:a9fe', // Oracle
  'fd00:42:0:0:0:0:0:42', // Scaleway
])

/** The internet proper (RFC 4291): what lies outside and has no other name is not assigned to anybody. */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3]
/** 64:ff9b:1::/48 (RFC 8215) is each operator's own: where the IPv4 address stands in it is not known. */
const LOCAL_NAT64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b:1::'), 48]
const ISATAP_MARK = 0x5efe
/** The universal bit of an ISATAP interface id may be set or not. */
const ISATAP_UNIVERSAL = 0x200

/** The rule that refuses this address under the setting, or null when it may be connected to. What is not an IP address in its usual form is reserved. */
export function refusedBy(address: string, privateTargets: PrivateTargets): AddressRule | null {
  for (const range of rangesOf(address)) {
    if (range === 'public' || isOpened(range, privateTargets)) continue
    return range
  }
  return null
}

/** Whether the setting allows a range that is not public; link-local, metadata and the rest never are. */
const isOpened = (range: AddressRange, privateTargets: PrivateTargets): boolean =>
  (range === 'loopback' && privateTargets !== 'none') || (range === 'private' && privateTargets === 'all')

/** Every range that a connection to the address could end in: an IPv6 address may carry IPv4 ones. */
function rangesOf(address: string): readonly AddressRange[] {
  if (isIP(address) === 0) return ['reserved']
  const parsed = ipaddr.parse(address)
  return parsed.kind() === 'ipv4' ? [rangeOf(parsed)] : rangesOfIpv6(parsed as ipaddr.IPv6)
}

function rangesOfIpv6(address: ipaddr.IPv6): readonly AddressRange[] {
  const { parts } = address
  const ipv4 = (index: number, mask = 0): AddressRange => {
    const high = (parts[index] ?? 0) ^ mask
    const low = (parts[index + 1] ?? 0) ^ mask
    return rangeOf(new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff]))
  }
  switch (address.range()) {
    case 'ipv4Mapped':
    case 'rfc6145':
      return [ipv4(6)]
    case 'rfc6052':
      return address.match(LOCAL_NAT64) ? ['reserved'] : [ipv4(6)]
    case '6to4':
      return [ipv4(1)]
    case 'teredo':
      // The relay's address as it is, the client's with every bit turned (RFC 4380).
      return [ipv4(2), ipv4(6, 0xffff)]
    case 'unicast':
      if (!address.match(GLOBAL_UNICAST)) return ['reserved']
      return isIsatap(parts) ? [rangeOf(address), ipv4(6)] : [rangeOf(address)]
    default:
      return [rangeOf(address)]
  }
}

const isIsatap = (parts: readonly number[]): boolean => ((parts[4] ?? 0) & ~ISATAP_UNIVERSAL) === 0 && parts[5] === ISATAP_MARK

function rangeOf(address: ipaddr.IPv4 | ipaddr.IPv6): AddressRange {
  if (METADATA.has(address.toNormalizedString())) return 'metadata'
  return RANGES[address.range()] ?? 'reserved'
}
