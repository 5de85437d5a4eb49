import { readFileSync } from 'node:fs'
import { lookup } from 'node:dns/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { Agent, interceptors, request as plainRequest } from 'undici'
import { readAll } from '../../../src/egress/body.ts'
import { openEgress } from '../../../src/egress/egress.ts'
import { EgressRefused } from '../../../src/egress/failures.ts'
import type { PrivateTargets } from '../../../src/egress/address.ts'
import { allowed, PUBLIC_IPV4, refusals } from '../targets.ts'
import { connectionsBegun, listen } from './listeners.ts'
import { serveNames } from './name-server.ts'

/** What one request came to. */
export interface Outcome {
  readonly url: string
  /** The rule that refused it, the status that was answered, or what else went wrong. */
  readonly outcome: string
  /** Where connections were accepted. */
  readonly reachedAt: readonly string[]
  /** How many were begun, by the kernel's count. */
  readonly begun: number
}

/** What the run in the namespace found. */
export interface Findings {
  readonly guarded: readonly Outcome[]
  readonly redirected: readonly Outcome[]
  readonly unguarded: readonly Outcome[]
  readonly reached: readonly Outcome[]
  readonly opened: Readonly<Record<'loopback' | 'all', readonly Outcome[]>>
  readonly rebinding: { readonly checked: Outcome; readonly again: Outcome; readonly naive: Outcome; readonly lookUps: number }
  readonly tls: readonly Outcome[]
}

const TIMEOUT_MS = 10_000
const STATUSES = [301, 302, 303, 307, 308]

const [keyPath = '', certificatePath = ''] = process.argv.slice(2)
const names = await serveNames('127.0.0.53')
const plainPorts = [...new Set([...refusals.map(([, url]) => url), ...allowed.map(([url]) => url)].filter((url) => URL.canParse(url)).map((url) => Number(new URL(url).port || 80)))].filter((port) => port > 0 && port !== 443 && port !== 8443)
const listeners = await listen(plainPorts, [443, 8443], { key: readFileSync(keyPath, 'utf8'), cert: readFileSync(certificatePath, 'utf8') })

async function observe(url: string, work: () => Promise<string>): Promise<Outcome> {
  names.reset()
  const before = connectionsBegun()
  let outcome: string
  try {
    outcome = await work()
  } catch (error) {
    outcome = error instanceof EgressRefused ? error.rule : `failed: ${(error as { code?: string | null }).code ?? (error as Error).name}`
  }
  // A connection that was begun is accepted within a turn of the loop: both ends are here.
  for (let turns = 0; turns < 3; turns++) await turn()
  return { url, outcome, reachedAt: listeners.reachedAt(), begun: connectionsBegun() - before }
}

/** One request through the guard, over a connection of its own. */
const guarded = (url: string, privateTargets: PrivateTargets = 'none', maxRedirects = 0, seen = url): Promise<Outcome> =>
  observe(seen, async () => {
    const egress = openEgress({ privateTargets })
    try {
      const answer = await egress.request(url, { method: 'GET', timeoutMs: TIMEOUT_MS, maxBytes: 1_000, maxRedirects })
      return `${answer.status} ${(await readAll(answer.body)).toString()}`
    } finally {
      await egress.close()
    }
  })

/** The same request as an HTTP client makes it that trusts everybody. */
const unguarded = (url: string): Promise<Outcome> =>
  observe(url, async () => {
    const agent = new Agent({ connect: { timeout: TIMEOUT_MS, rejectUnauthorized: false } })
    try {
      const answer = await plainRequest(url, { dispatcher: agent.compose(interceptors.redirect({ maxRedirections: 3 })), headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS })
      await answer.body.dump()
      return String(answer.statusCode)
    } finally {
      await agent.destroy()
    }
  })

/** As guards are often written: look, then leap. */
const naive = (url: string): Promise<Outcome> =>
  observe(url, async () => {
    const { address } = await lookup(new URL(url).hostname, { family: 4 })
    if (address !== PUBLIC_IPV4) return 'refused'
    const answer = await plainRequest(url)
    await answer.body.dump()
    return String(answer.statusCode)
  })

async function all<T>(items: readonly T[], work: (item: T, index: number) => Promise<Outcome>): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const [index, item] of items.entries()) outcomes.push(await work(item, index))
  return outcomes
}

async function rebinding(): Promise<Findings['rebinding']> {
  const checked = await guarded('http://rebind.test/')
  const lookUps = names.asked.get('rebind.test') ?? 0
  const egress = openEgress({ privateTargets: 'none' })
  const ask = async (): Promise<string> => String((await egress.request('http://rebind.test/', { method: 'GET', timeoutMs: TIMEOUT_MS, maxBytes: 1_000, whenLarger: 'cut' })).status)
  const again = await observe('http://rebind.test/', async () => {
    // The first answer is not read, so the second request needs a connection of its own, and its look-up has the other answer.
    const first = await ask()
    return `${first} ${await ask().catch((error: unknown) => (error instanceof EgressRefused ? error.rule : String(error)))}`
  })
  await egress.close()
  return { checked, lookUps, again, naive: await naive('http://rebind.test/') }
}

const urls = refusals.map(([, url]) => url)
/** What can stand in a Location header and means the same there: `http:path` is a path of the same place. */
const movable = refusals.filter(([rule, url]) => rule !== 'malformed' && !/^http:\/?[^/]/.test(url) && /^[\x20-\x7e]+$/.test(url)).map(([, url]) => url)
const findings: Findings = {
  guarded: await all(urls, (url) => guarded(url)),
  redirected: await all(movable, (url, index) => guarded(`http://public.test/?${new URLSearchParams({ status: String(STATUSES[index % STATUSES.length]), to: url }).toString()}`, 'none', 3, url)),
  unguarded: await all(urls, unguarded),
  reached: await all(allowed, ([url]) => guarded(url)),
  opened: { loopback: await all(urls, (url) => guarded(url, 'loopback')), all: await all(urls, (url) => guarded(url, 'all')) },
  rebinding: await rebinding(),
  tls: await all(['https://public.test/', 'https://public.test./', 'https://public6.test:8443/', 'https://dual.test/', `https://${PUBLIC_IPV4}/`], (url) => guarded(url)),
}
listeners.close()
names.close()
process.stdout.write(JSON.stringify(findings))
