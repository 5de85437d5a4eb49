import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { isIP, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Resolve } from '../../src/egress/connector.ts'
import { openEgress, type Egress } from '../../src/egress/egress.ts'
import { EgressRefused, rules } from '../../src/egress/failures.ts'
import { countConnections } from './connections.ts'
import { addressesOf, refusals } from './targets.ts'

const HOSTS: Readonly<Record<string, readonly string[]>> = { 'ip6-localhost': ['::1'] }

/** The names of the tables, without a name server. */
const resolve: Resolve = async (hostname) => {
  const found = HOSTS[hostname.replace(/\.$/, '')] ?? addressesOf(hostname, 0)
  if (found === null) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' })
  return found.map((address) => ({ address, family: isIP(address) }))
}

/** What a request was refused with; anything else is a fault of the test. */
async function refusalOf(egress: Egress, url: string, more: { maxRedirects?: number } = {}): Promise<EgressRefused> {
  try {
    const answer = await egress.request(url, { method: 'GET', timeoutMs: 5_000, maxBytes: 1_000, ...more })
    answer.drop()
  } catch (error) {
    if (error instanceof EgressRefused) return error
    throw error
  }
  throw new Error(`${url} was reached`)
}

describe('targets that must never be connected to', () => {
  let egress: Egress
  beforeAll(() => {
    egress = openEgress({ privateTargets: 'none', resolve })
  })
  afterAll(() => egress.close())

  it('are many', () => {
    expect(new Set(refusals.map(([, url]) => url)).size).toBe(refusals.length)
    expect(refusals.length).toBeGreaterThanOrEqual(150)
  })

  it.each(refusals)('%s refuses %j', async (rule, url) => {
    const { result, connections } = await countConnections(() => refusalOf(egress, url))
    expect({ rule: result.rule, connections }).toEqual({ rule, connections: 0 })
    expect(result.message).toContain(rules[rule])
    expect(result.message).not.toContain('secret')
  })
})

describe('redirects to targets that must never be connected to', () => {
  let server: Server
  let origin: string
  let egress: Egress
  beforeAll(async () => {
    server = createServer((request, response) => {
      const asked = new URL(request.url ?? '/', 'http://here')
      response.writeHead(Number(asked.searchParams.get('status')), { location: asked.searchParams.get('to') ?? '' }).end('moved')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    egress = openEgress({ privateTargets: 'loopback', resolve })
  })
  afterAll(async () => {
    await egress.close()
    server.close()
  })

  // This machine is allowed here, so that the redirect itself can be served; what is loopback is shown in the namespace.
  const elsewhere = refusals.filter(([rule, url]) => !['loopback', 'malformed'].includes(rule) && /^[\x20-\x7e]+$/.test(url) && url !== 'localhost:80')
  const cases = elsewhere.map(([rule, url], index) => [[301, 302, 303, 307, 308][index % 5] ?? 302, rule, url] as const)

  it.each(cases)('%s: %s refuses %j', async (status, rule, url) => {
    // One connection at most: to the redirect, when none is kept.
    const { result, connections } = await countConnections(() => refusalOf(egress, `${origin}/?${new URLSearchParams({ status: String(status), to: url }).toString()}`, { maxRedirects: 3 }))
    expect(result.rule).toBe(rule)
    expect(connections).toBeLessThanOrEqual(1)
  })
})

describe('what a setting opens', () => {
  const judged = (privateTargets: 'none' | 'loopback' | 'all', url: string): string => {
    try {
      openEgress({ privateTargets }).check(url)
      return 'allowed'
    } catch (error) {
      return (error as EgressRefused).rule
    }
  }

  it.each(refusals.filter(([, url]) => /^http:\/\/(\[|\d+\.\d+\.\d+\.\d+\/)/.test(url)))('%s %j', (rule, url) => {
    expect(judged('none', url)).toBe(rule)
    expect(judged('loopback', url)).toBe(rule === 'loopback' ? 'allowed' : rule)
    expect(judged('all', url)).toBe(rule === 'loopback' || rule === 'private' ? 'allowed' : rule)
  })
})
