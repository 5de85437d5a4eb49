import type { EgressRule } from '../../src/egress/failures.ts'

/** A public address that tests may say is theirs: it is only ever reached inside a namespace of its own. */
export const PUBLIC_IPV4 = '93.184.216.34'
export const PUBLIC_IPV6 = '2606:2800:220:1::34'

/** What the tests' own name server answers; a list of lists changes with each question, and stays at its last. */
export const names: Readonly<Record<string, readonly string[] | readonly (readonly string[])[]>> = {
  'public.test': [PUBLIC_IPV4],
  'public6.test': [PUBLIC_IPV6],
  'dual.test': [PUBLIC_IPV4, PUBLIC_IPV6],
  'nat64.test': ['64:ff9b::5db8:d822'],
  'neighbour.test': ['10.1.2.3'],
  'loopback.test': ['127.0.0.1'],
  'loopback6.test': ['::1'],
  'private.test': ['192.168.1.10'],
  'docker.test': ['172.17.0.1'],
  'ula.test': ['fd12:3456::1'],
  'cgnat.test': ['100.64.0.1'],
  'mapped.test': ['::ffff:10.0.0.1'],
  'sixtofour.test': ['2002:a00:1::1'],
  'nat64-inside.test': ['64:ff9b::a00:1'],
  'teredo.test': ['2001:0:a00:1:0:0:f7f7:f7f7'],
  'zero.test': ['0.0.0.0'],
  'zero6.test': ['::'],
  'linklocal.test': ['169.254.1.1'],
  'linklocal6.test': ['fe80::1'],
  'multicast.test': ['224.0.0.251'],
  'broadcast.test': ['255.255.255.255'],
  'documentation.test': ['203.0.113.7'],
  'mixed.test': [PUBLIC_IPV4, '10.0.0.1'],
  'mixed-last.test': [PUBLIC_IPV4, '93.184.216.35', '127.0.0.1'],
  'mixed6.test': [PUBLIC_IPV4, '::1'],
  '127.0.0.1.nip.test': ['127.0.0.1'],
  '10-0-0-1.nip.test': ['10.0.0.1'],
  localhost: ['127.0.0.1', '::1'],
  'app.localhost': ['127.0.0.1'],
  'metadata.google.internal': ['169.254.169.254'],
  metadata: ['169.254.169.254'],
  'instance-data': ['169.254.169.254'],
  'metadata6.test': ['fd00:ec2::254'],
  'metadata-azure.test': ['168.63.129.16'],
  'rebind.test': [[PUBLIC_IPV4], ['127.0.0.1']],
  'rebind-back.test': [['127.0.0.1'], [PUBLIC_IPV4]],
  'rebind-mixed.test': [[PUBLIC_IPV4], [PUBLIC_IPV4, '169.254.169.254']],
}

/** Names that are another name for one above. */
export const aliases: Readonly<Record<string, string>> = {
  'cname-loopback.test': 'loopback.test',
  'cname-private.test': 'private.test',
  'cname-metadata.test': 'metadata.google.internal',
  'cname-twice.test': 'cname-private.test',
  'cname-public.test': 'public.test',
}

const loopback = [
  'http://127.0.0.1/', 'http://127.0.0.1:8080/', 'https://127.0.0.1/', 'http://127.1/', 'http://127.0.1/', 'http://127.255.255.254/', 'http://127.0.0.1./',
  'http://2130706433/', 'http://0x7f000001/', 'http://0x7F000001/', 'http://017700000001/', 'http://0x7f.0.0.1/', 'http://0x7f.1/', 'http://0177.0.0.1/', 'http://0177.1/',
  'http://0x7f.0.0x0.01/', 'http://127.000.000.001/', 'http://0000177.0.0.1/', 'http://127.0x000001/', 'http://127.65537/', 'http://127.0.0.0x/',
  'http://１２７.０.０.１/', 'http://①②⑦.⓪.⓪.①/', 'http://127。0。0。1/', 'http://127．0．0．1/', 'http://127｡0｡0｡1/', 'http://𝟏𝟐𝟕.𝟎.𝟎.𝟏/',
  'http://%31%32%37.0.0.1/', 'http://127%2e0%2e0%2e1/', 'http://０ｘ７ｆ.1/',
  'HTTP://127.0.0.1/', 'hTtP://127.0.0.1/', 'http:127.0.0.1/', 'http:/127.0.0.1/', 'http:///127.0.0.1/', 'http://127.0.0.1#@public.test/', 'http://127.0.0.1?@public.test/',
  'http://[::1]/', 'http://[::1]:8080/', 'http://[0:0:0:0:0:0:0:1]/', 'http://[0000:0000:0000:0000:0000:0000:0000:0001]/', 'http://[::0001]/', 'http://[::0.0.0.1]/',
  'http://[::ffff:127.0.0.1]/', 'http://[::FFFF:7F00:1]/', 'http://[0:0:0:0:0:ffff:7f00:0001]/', 'http://[::ffff:127.255.0.1]/',
  'http://[2002:7f00:1::]/', 'http://[2002:7f00:0001::1]/', 'http://[64:ff9b::127.0.0.1]/', 'http://[64:ff9b::7f00:1]/', 'http://[::ffff:0:127.0.0.1]/',
  'http://[2001:0:7f00:1:0:0:f7f7:f7f7]/', 'http://[2001:0:808:808:0:0:80ff:fffe]/', 'http://[2606:2800:220:1:0:5efe:7f00:1]/', 'http://[2606:2800:220:1:200:5efe:7f00:1]/',
  'http://localhost/', 'http://LOCALHOST/', 'http://localhost./', 'http://ip6-localhost/', 'http://app.localhost/', 'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/',
  'http://loopback.test/', 'http://loopback.test./', 'http://LoopBack.Test/', 'http://loopback6.test/', 'http://cname-loopback.test/', 'http://127.0.0.1.nip.test/', 'https://loopback.test/',
  'http://mixed6.test/', 'http://mixed-last.test/', 'http://rebind-back.test/',
]

const privates = [
  'http://10.0.0.1/', 'http://10.255.255.255/', 'http://10.1/', 'http://167772161/', 'http://0xa000001/', 'http://012.0.0.1/', 'http://0x0a.0x00.0x00.0x01/', 'http://１０.0.0.1/',
  'http://172.16.0.1/', 'http://172.31.255.254/', 'http://172.17.0.1/', 'http://2886729729/', 'http://192.168.0.1/', 'http://192.168.255.255/', 'http://192.168.257/', 'http://3232235521/', 'http://0300.0250.0.1/',
  'http://100.64.0.1/', 'http://100.127.255.254/', 'http://1681915905/',
  'http://[::ffff:10.0.0.1]/', 'http://[::ffff:c0a8:1]/', 'http://[::ffff:172.16.0.1]/', 'http://[2002:a00:1::]/', 'http://[2002:c0a8:101::1]/', 'http://[2002:ac10:1::]/', 'http://[2002:6440:1::]/',
  'http://[64:ff9b::10.0.0.1]/', 'http://[64:ff9b::c0a8:1]/', 'http://[64:ff9b::100.64.0.1]/', 'http://[::ffff:0:10.0.0.1]/', 'http://[2001:0:a00:1:0:0:f7f7:f7f7]/', 'http://[2001:0:808:808:0:0:f5ff:fffe]/', 'http://[2606:2800:220:1:0:5efe:a00:1]/',
  'http://[fc00::1]/', 'http://[fd00::1]/', 'http://[fdff:ffff::1]/', 'http://[fd12:3456:789a:1::1]/', 'https://[fd00::1]:8443/',
  'http://private.test/', 'http://docker.test/', 'http://ula.test/', 'http://cgnat.test/', 'http://mapped.test/', 'http://sixtofour.test/', 'http://nat64-inside.test/', 'http://teredo.test/', 'http://mixed.test/',
  'http://cname-private.test/', 'http://cname-twice.test/', 'http://neighbour.test:8080/', 'http://10-0-0-1.nip.test/', 'https://private.test/', 'http://private.test./',
]

const metadata = [
  'http://169.254.169.254/', 'http://169.254.169.254/latest/meta-data/iam/security-credentials/', 'http://2852039166/', 'http://0xa9fea9fe/', 'http://0251.0376.0251.0376/', 'http://0xa9.0xfe.0xa9.0xfe/', 'http://169.254.43518/', 'http://169.16689662/',
  'http://169。254。169。254/', 'http://１６９.254.169.254/', 'http://169.254.169.254./', 'http://[::ffff:169.254.169.254]/', 'http://[::ffff:a9fe:a9fe]/', 'http://[64:ff9b::169.254.169.254]/', 'http://[2002:a9fe:a9fe::]/', 'http://[::ffff:0:a9fe:a9fe]/',
  'http://[2001:0:a9fe:a9fe:0:0:f7f7:f7f7]/', 'http://[2001:0:808:808:0:0:5601:5601]/', 'http://169.254.170.2/', 'http://169.254.170.23/', 'http://100.100.100.200/', 'http://168.63.129.16/', 'http://192.0.0.192/', 'http://[fd00:ec2::254]/', 'http://[fd00:ec2::23]/', 'http://[fd20:ce::254]/',
  'http://[fd00:c1::a9fe:a9fe]/', 'http://[fd00:42::42]/', 'http://[FD00:0EC2:0000::0254]/', 'http://[::ffff:100.100.100.200]/', 'http://[64:ff9b::168.63.129.16]/',
  'http://metadata.google.internal/computeMetadata/v1/', 'http://metadata.google.internal./', 'http://METADATA.google.INTERNAL/', 'http://metadata/', 'http://instance-data/', 'http://metadata6.test/', 'http://metadata-azure.test/', 'http://cname-metadata.test/',
]

const linkLocal = ['http://169.254.0.1/', 'http://169.254.255.254/', 'http://2851995649/', 'http://[fe80::1]/', 'http://[fe80::1]:8080/', 'http://[febf::1]/', 'http://[::ffff:169.254.1.1]/', 'http://[64:ff9b::169.254.1.1]/', 'http://[2002:a9fe:101::]/', 'http://linklocal.test/', 'http://linklocal6.test/']

const multicast = ['http://224.0.0.1/', 'http://224.0.0.251/', 'http://239.255.255.250/', 'http://3758096385/', 'http://0xe0.0.0.1/', 'http://[ff02::1]/', 'http://[ff0e::1]/', 'http://[::ffff:224.0.0.1]/', 'http://multicast.test/']

const unspecified = ['http://0.0.0.0/', 'http://0/', 'http://0x0/', 'http://00000000/', 'http://0.0/', 'http://0.1.2.3/', 'http://0.0.0.0:8080/', 'http://[::]/', 'http://[::]:8080/', 'http://[0:0:0:0:0:0:0:0]/', 'http://[::ffff:0.0.0.0]/', 'http://[64:ff9b::]/', 'http://[2002::1]/', 'http://０/', 'http://zero.test/', 'http://zero6.test/']

const reserved = [
  'http://192.0.0.1/', 'http://192.0.0.170/', 'http://192.0.2.1/', 'http://198.51.100.1/', 'http://203.0.113.1/', 'http://192.88.99.1/', 'http://198.18.0.1/', 'http://198.19.255.254/', 'http://192.175.48.1/', 'http://192.31.196.1/', 'http://192.52.193.1/',
  'http://240.0.0.1/', 'http://255.255.255.255/', 'http://4294967295/', 'http://0xffffffff/', 'http://255.255.255.254/', 'http://[::ffff:198.18.0.1]/', 'http://[64:ff9b::203.0.113.1]/', 'http://[2002:cb00:7101::]/',
  'http://[::127.0.0.1]/', 'http://[::7f00:1]/', 'http://[::10.0.0.1]/', 'http://[::2]/', 'http://[64:ff9b:1::10.0.0.1]/', 'http://[64:ff9b:1::8.8.8.8]/', 'http://[100::1]/', 'http://[2001:db8::1]/', 'http://[3fff::1]/', 'http://[2001:2::1]/', 'http://[2001:10::1]/', 'http://[2001:20::1]/', 'http://[2001:3::1]/',
  'http://[fec0::1]/', 'http://[5f00::1]/', 'http://[4000::1]/', 'http://[8000::1]/', 'http://[1000::1]/', 'http://[2620:4f:8000::1]/', 'http://documentation.test/', 'http://broadcast.test/',
]

const credentials = ['http://127.0.0.1%2f@public.test', 'http://user:secret@public.test/', 'http://user@public.test/', 'http://:secret@public.test/', 'http://user:secret@127.0.0.1/', 'http://public.test@127.0.0.1/', 'http://127.0.0.1@public.test/', 'http://public.test:80@127.0.0.1/', 'https://%75ser:%73ecret@public.test/', 'http://a@b@127.0.0.1/', 'http://public.test%40x:y@[::1]/']

const schemes = [
  'file:///etc/passwd', 'FILE:///etc/passwd', 'file://127.0.0.1/etc/passwd', 'gopher://127.0.0.1:6379/_INFO', 'data:text/plain,hello', 'ftp://127.0.0.1/', 'sftp://127.0.0.1/', 'ws://127.0.0.1/', 'wss://127.0.0.1/', 'dict://127.0.0.1:11211/stat', 'ldap://127.0.0.1/', 'tftp://127.0.0.1/x',
  'javascript:alert(1)', 'blob:http://127.0.0.1/1', 'about:blank', 'jar:http://127.0.0.1!/', 'view-source:http://127.0.0.1/', 'http+unix://%2Fvar%2Frun%2Fdocker.sock/info', 'unix:/var/run/docker.sock', 'mailto:a@public.test', 'netdoc:///etc/passwd', 'localhost:80'
]

const ports = [0, 1, 21, 22, 23, 25, 53, 110, 111, 143, 389, 465, 587, 636, 993, 2049, 5060, 6000, 6667, 10080].map((port) => `http://public.test:${port}/`).concat('https://public.test:22/', 'http://93.184.216.34:25/', 'http://[2606:2800:220:1::34]:25/', 'http://public.test:00025/')

const malformed = [
  '', ' ', 'http', 'http:', 'http://', 'https://', 'public.test', '//127.0.0.1/', '/etc/passwd', 'http://[::1', 'http://::1/', 'http://[::1]x/', 'http://[fe80::1%25eth0]/', 'http://[fe80::1%eth0]/', 'http://[::ffff:127.0.0.1%25lo]/', 'http://[127.0.0.1]/',
  'http://1.2.3.4.5/', 'http://256.256.256.256/', 'http://0x100000000/', 'http://4294967296/', 'http://0177.0.0.08/', 'http://127.0.0.1:99999/', 'http://127.0.0.1:-1/', 'http://127.0.0.1:8o/', 'http://public.test:80:80/', '127.0.0.1:80',
  ' http://127.0.0.1/', 'http://127.0.0.1/ ', 'http://127.0.0.1\n/', 'http://127.0.0.1/\r\nX-Injected: 1', 'http://12\t7.0.0.1/', 'ht\ntp://127.0.0.1/', 'http://127.0.0.1\0/', 'http:\\\\127.0.0.1\\', 'http://public.test\\@127.0.0.1/', 'http://127.0.\u00ad0.1/', 'http://127.0.0\u200b.1/', '\ufeffhttp://127.0.0.1/', 'http://local\u2060host/',
  'http://a b/', 'http://a%00b/', 'http://127.0.0.1%23/', 'http://<127.0.0.1>/', 'http://^/', 'http://public.test|127.0.0.1/', `http://${'a'.repeat(254)}/`, `http://public.test/${'a'.repeat(4096)}`,
]

/** Targets of server-side request forgery and the rule that must refuse each, whatever else is allowed or not: private targets are not. */
export const refusals: readonly (readonly [rule: EgressRule, url: string])[] = (
  Object.entries({ loopback, private: privates, metadata, link_local: linkLocal, multicast, unspecified, reserved, credentials, scheme: schemes, port: ports, malformed }) as [EgressRule, readonly string[]][]
).flatMap(([rule, urls]) => urls.map((url) => [rule, url] as const))

/** Targets that must be reached, and the address each must be reached at. */
export const allowed: readonly (readonly [url: string, address: string])[] = [
  ['http://public.test/', PUBLIC_IPV4],
  ['http://PUBLIC.test./', PUBLIC_IPV4],
  ['http://public.test:8080/', PUBLIC_IPV4],
  ['http://cname-public.test/', PUBLIC_IPV4],
  ['http://public6.test/', PUBLIC_IPV6],
  ['http://93.184.216.34/', PUBLIC_IPV4],
  ['http://1572395042/', PUBLIC_IPV4],
  ['http://0x5d.0xb8d822/', PUBLIC_IPV4],
  ['http://９３.184.216.34/', PUBLIC_IPV4],
  ['http://[::ffff:93.184.216.34]/', PUBLIC_IPV4],
  [`http://[${PUBLIC_IPV6}]/`, PUBLIC_IPV6],
  [`http://[${PUBLIC_IPV6}]:8080/`, PUBLIC_IPV6],
  ['http://[64:ff9b::93.184.216.34]/', '64:ff9b::5db8:d822'],
  ['http://nat64.test/', '64:ff9b::5db8:d822'],
  ['http://[2002:5db8:d822::1]/', '2002:5db8:d822::1'],
]

/** The addresses that the tests' name server gives for a name, asked for the nth time; null for a name it does not know. */
export function addressesOf(name: string, asked: number): readonly string[] | null {
  const plain = name.toLowerCase().replace(/\.$/, '')
  const alias = aliases[plain]
  if (alias !== undefined) return addressesOf(alias, asked)
  const listed = names[plain] ?? null
  if (listed === null || typeof listed[0] === 'string') return listed as readonly string[] | null
  return (listed as readonly (readonly string[])[])[Math.min(asked, listed.length - 1)] ?? null
}
