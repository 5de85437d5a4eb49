import { describe, expect, it } from 'vitest'
import { readAll } from '../../src/egress/body.ts'
import type { EgressRequest } from '../../src/egress/egress.ts'
import { EgressFailed, EgressRefused } from '../../src/egress/failures.ts'
import { bodyOf, openHere, resolver, serve, type Place } from './place.ts'

const GET: EgressRequest = { method: 'GET', timeoutMs: 5_000, maxBytes: 1_000, maxRedirects: 3 }
const POST: EgressRequest = { ...GET, method: 'POST', headers: { 'Content-Type': 'text/plain', Authorization: 'Bearer secret', 'X-Key': 'secret', Accept: 'image/*' }, body: 'once' }

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

/** A server that sends /<status>/<where> on to there, counts /again down, and tells what it saw. */
async function crossroads(): Promise<{ place: Place; seen: Seen[] }> {
  const seen: Seen[] = []
  const place = await serve((request, response) => {
    void bodyOf(request).then((body) => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body })
      const [, status = '', where = ''] = /^\/(\d{3})\/(.*)$/.exec(request.url ?? '') ?? []
      if (status === '') response.end('here')
      else response.writeHead(Number(status), where === '' ? {} : { location: decodeURIComponent(where) }).end('elsewhere')
    })
  })
  return { place, seen }
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'no failure', (error: unknown) => error)

describe('a redirect', () => {
  it('is an answer like any other when none is to be followed', async () => {
    const { place, seen } = await crossroads()
    const { maxRedirects: _none, ...request } = POST
    const answer = await openHere().request(`${place.origin}/307/%2Fthere`, request)
    expect(answer).toMatchObject({ status: 307, headers: { location: '/there' }, url: `${place.origin}/307/%2Fthere` })
    expect((await readAll(answer.body)).toString()).toBe('elsewhere')
    expect(seen.length).toBe(1)
  })

  it.each([301, 302, 303, 307, 308])('%i is followed to where it leads', async (status) => {
    const { place } = await crossroads()
    const answer = await openHere().request(`${place.origin}/${status}/..%2Fthere%3Fa=1%23b`, GET)
    expect(answer).toMatchObject({ status: 200, url: `${place.origin}/there?a=1` })
    expect((await readAll(answer.body)).toString()).toBe('here')
  })

  it.each([300, 304, 305, 306])('%i is none', async (status) => {
    const { place, seen } = await crossroads()
    const answer = await openHere().request(`${place.origin}/${status}/%2Fthere`, GET)
    answer.drop()
    expect({ status: answer.status, seen: seen.length }).toEqual({ status, seen: 1 })
  })

  it('without a Location is none', async () => {
    const { place } = await crossroads()
    const answer = await openHere().request(`${place.origin}/302/`, GET)
    expect((await readAll(answer.body)).toString()).toBe('elsewhere')
    expect(answer.status).toBe(302)
  })

  it('is followed three times, not four', async () => {
    const { place, seen } = await crossroads()
    const path = (redirects: number): string => (redirects === 0 ? '/end' : `/302/${encodeURIComponent(path(redirects - 1))}`)
    expect((await openHere().request(place.origin + path(3), GET)).status).toBe(200)
    seen.length = 0
    const failure = await failureOf(openHere().request(place.origin + path(4), GET))
    expect(failure).toBeInstanceOf(EgressFailed)
    expect(failure).toMatchObject({ reason: 'redirects' })
    expect(seen.length).toBe(4)
  })

  it.each([[301, 'GET', ''], [302, 'GET', ''], [303, 'GET', ''], [307, 'POST', 'once'], [308, 'POST', 'once']] as const)('%i turns POST into %s', async (status, method, body) => {
    const { place, seen } = await crossroads()
    await readAll((await openHere().request(`${place.origin}/${status}/%2Fthere`, POST)).body)
    expect(seen[1]).toMatchObject({ method, body, url: '/there' })
    expect('content-type' in (seen[1]?.headers ?? {})).toBe(body !== '')
  })

  it('within one origin keeps the headers, to another it keeps what is no secret', async () => {
    const { place, seen } = await crossroads()
    const egress = openHere({ resolve: resolver({ 'other.test': ['127.0.0.1'] }).resolve })
    await readAll((await egress.request(`${place.origin}/308/%2Fthere`, POST)).body)
    await readAll((await egress.request(`${place.origin}/308/${encodeURIComponent(`http://other.test:${place.port}/there`)}`, POST)).body)
    const [, same, , other] = seen
    expect(same?.headers).toMatchObject({ authorization: 'Bearer secret', 'x-key': 'secret', accept: 'image/*' })
    expect(other?.headers).toMatchObject({ host: `other.test:${place.port}`, accept: 'image/*', 'accept-encoding': 'identity', 'content-type': 'text/plain', 'user-agent': expect.stringContaining('Puente') as unknown })
    expect(JSON.stringify(other?.headers)).not.toContain('secret')
  })

  it.each([
    ['file:///etc/passwd', 'scheme'], ['//10.0.0.1/', 'private'], ['http://user:secret@127.0.0.1/', 'credentials'], ['//[fe80::1]/', 'link_local'], ['http://metadata.test/', 'metadata'], ['http://[', 'malformed'], [`/${'a'.repeat(5000)}`, 'malformed'],
  ])('to %s is refused', async (location, rule) => {
    const place = await serve((_request, response) => response.writeHead(302, { location }).end())
    const failure = await failureOf(openHere({ resolve: resolver({ 'metadata.test': ['169.254.169.254'] }).resolve }).request(place.origin, GET))
    expect(failure).toBeInstanceOf(EgressRefused)
    expect(failure).toMatchObject({ rule })
    expect((failure as Error).message).not.toContain('secret')
  })
})
