import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { selfSigned } from '../support/certificate.ts'
import type { Findings, Outcome } from './namespace/run.ts'
import { allowed, PUBLIC_IPV4, PUBLIC_IPV6, refusals } from './targets.ts'

const RUN = join(import.meta.dirname, '../../dist/test/egress/namespace/run.js')
const MAX_OUTPUT_BYTES = 16_777_216
const RUN_TIMEOUT_MS = 120_000
/** Network and name look-up of its own, in which every address there is belongs to this machine: whatever is connected to answers. */
const ENTER = `set -e
ip link set lo up
ip route add local 0.0.0.0/0 dev lo
ip -6 route add local ::/0 dev lo
mount --bind "$1/resolv.conf" /etc/resolv.conf
mount --bind "$1/hosts" /etc/hosts
mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf
shift
exec "$@"`

const folder = mkdtempSync(join(tmpdir(), 'puente-namespace-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
for (const [name, text] of Object.entries({ 'resolv.conf': 'nameserver 127.0.0.53\noptions timeout:2 attempts:1\n', hosts: '127.0.0.1 localhost\n::1 localhost ip6-localhost\n', 'nsswitch.conf': 'hosts: files dns\n' })) writeFileSync(join(folder, name), text)

const enter = (...command: readonly string[]): string[] => ['-rnm', 'sh', '-c', ENTER, 'sh', folder, ...command]
const attempt = spawnSync('unshare', enter('true'), { encoding: 'utf8' })
const isPossible = attempt.status === 0
if (!isPossible) console.warn(`network namespaces are not available here (${(attempt.stderr || String(attempt.error)).trim()}): what would be shown in one is skipped; the same targets are tried without one`)

describe.skipIf(!isPossible)('in a namespace where every address answers', () => {
  let findings: Findings
  beforeAll(async () => {
    const { key, certificate } = selfSigned({ dnsNames: ['public.test', 'public6.test'], addresses: [PUBLIC_IPV4] })
    const [keyPath, certificatePath] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
    writeFileSync(keyPath, key, { mode: 0o600 })
    writeFileSync(certificatePath, certificate)
    const { stdout } = await promisify(execFile)('unshare', enter(process.execPath, RUN, keyPath, certificatePath), { env: { PATH: process.env['PATH'] ?? '', NODE_EXTRA_CA_CERTS: certificatePath }, maxBuffer: MAX_OUTPUT_BYTES, timeout: RUN_TIMEOUT_MS })
    findings = JSON.parse(stdout) as Findings
  }, RUN_TIMEOUT_MS)

  const ruleOf = new Map(refusals.map(([rule, url]) => [url, rule]))
  const isUntouched = ({ reachedAt, begun }: Outcome): boolean => reachedAt.length === 0 && begun === 0

  it('connects to none of the forbidden targets, and says why', () => {
    expect(findings.guarded.length).toBe(refusals.length)
    expect(findings.guarded.filter((one) => one.outcome !== ruleOf.get(one.url) || !isUntouched(one))).toEqual([])
  })

  it('would have been seen to: the same targets are reached by a client without a guard', () => {
    const reached = findings.unguarded.filter(({ reachedAt, begun }) => reachedAt.length > 0 && begun > 0)
    // Not those that are no URL, or whose addresses no TCP can be spoken to.
    const unreachable = new Set(['malformed', 'scheme', 'multicast'])
    const expected = refusals.filter(([rule]) => !unreachable.has(rule)).length
    expect(reached.length).toBeGreaterThan(expected * 0.9)
    for (const rule of ['loopback', 'private', 'metadata', 'link_local', 'unspecified', 'reserved', 'port']) {
      expect(reached.filter(({ url }) => ruleOf.get(url) === rule).length).toBeGreaterThanOrEqual(5)
    }
  })

  it('is led to none of them by a redirect', () => {
    expect(findings.redirected.length).toBeGreaterThan(250)
    expect(findings.redirected.filter(({ url, outcome, reachedAt, begun }) => outcome !== ruleOf.get(url) || begun !== 1 || reachedAt.join() !== PUBLIC_IPV4)).toEqual([])
  })

  it('reaches what is public, at the very address it was checked for', () => {
    expect(findings.reached.map(({ url, outcome, reachedAt }) => [url, outcome.slice(0, 3), reachedAt])).toEqual(allowed.map(([url, address]) => [url, '200', [address]]))
  })

  it.each(['loopback', 'all'] as const)('opens with the setting %s what it names and nothing else', (setting) => {
    const isOpen = (rule: string | undefined): boolean => rule === 'loopback' || (setting === 'all' && rule === 'private')
    const wrong = findings.opened[setting].filter((one) => !isOpen(ruleOf.get(one.url)) && (one.outcome !== ruleOf.get(one.url) || !isUntouched(one)))
    // Names with one address of each kind stay closed for the other one.
    expect(wrong).toEqual([])
    const open = findings.opened[setting].filter(({ url }) => isOpen(ruleOf.get(url)))
    expect(open.filter(({ outcome, reachedAt }) => outcome.startsWith('200') && reachedAt.length > 0).length).toBeGreaterThan(open.length * 0.85)
  })

  it('is not moved by a name that changes its answer after the check', () => {
    const { checked, again, naive, lookUps } = findings.rebinding
    expect({ ...checked, lookUps }).toMatchObject({ outcome: '200 rebind.test', reachedAt: [PUBLIC_IPV4], begun: 1, lookUps: 1 })
    expect(again).toMatchObject({ outcome: '200 loopback', reachedAt: [PUBLIC_IPV4], begun: 1 })
    // The trap is real: who looks and then leaps lands on this machine.
    expect(naive).toMatchObject({ outcome: '200', reachedAt: ['127.0.0.1'] })
  })

  it('speaks TLS for the name that was asked for, not for the address', () => {
    expect(findings.tls.map(({ url, outcome }) => [url, outcome])).toEqual([
      ['https://public.test/', '200 public.test'],
      ['https://public.test./', '200 public.test.'],
      ['https://public6.test:8443/', '200 public6.test:8443'],
      ['https://dual.test/', 'failed: ERR_TLS_CERT_ALTNAME_INVALID'],
      [`https://${PUBLIC_IPV4}/`, `200 ${PUBLIC_IPV4}`],
    ])
    expect(findings.tls[2]?.reachedAt).toEqual([PUBLIC_IPV6])
  })
})
