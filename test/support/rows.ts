import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Person } from '../../schemas/person.ts'
import type { Problem } from '../../schemas/problem.ts'
import { catalogue, type ErrorCode } from '../../src/errors.ts'
import { startGateway, type Answer, type Gateway } from './gateway.ts'
import { until } from './wait.ts'

/** A wrong key in each of the three headers that carry one, and none at all. */
const STRANGERS: readonly (readonly [string, Record<string, string>])[] = [
  ['no key', {}],
  ['a wrong X-Api-Key', { 'x-api-key': 'wrong' }],
  ['a wrong bearer', { authorization: 'Bearer wrong' }],
  ['a wrong apikey', { apikey: 'wrong' }],
]

/** An RFC 3339 time in UTC. */
export const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

/** One gateway for all tests of a file; a stanza that its simulator does not know fails the file. */
export function useGateway(env: Record<string, string> = {}): Gateway {
  let running: Gateway | undefined
  beforeAll(async () => {
    running = await startGateway(env)
  })
  afterAll(async () => {
    const unknown = running?.simulator.manifest().unknownStanzas
    await running?.close()
    expect(unknown).toEqual([])
  })
  return new Proxy({} as Gateway, {
    get: (_none, name) => {
      if (!running) throw new Error('no gateway runs outside a test')
      return Reflect.get(running, name) as unknown
    },
  })
}

declare module 'vitest' {
  interface Matchers<T> {
    /** The answer is the whole problem document of a code, and names the field when there is one. */
    toBeProblem(code: ErrorCode, path?: string): T
  }
}

expect.extend({
  toBeProblem(answer: Answer<Partial<Problem>>, code: ErrorCode, path?: string) {
    const { status, title, retryable } = catalogue[code]
    const { errors, detail, ...rest } = answer.body
    const seen = {
      answered: answer.status, contentType: answer.headers.get('content-type')?.split(';')[0], hasRequestId: answer.headers.has('x-request-id'), hasDetail: /\S/.test(detail ?? ''), hasInstance: rest.instance?.startsWith('/'),
      ...rest, fields: errors?.map((field) => field.path).filter((name) => path === undefined || name === path),
    }
    const wanted = {
      answered: status, contentType: 'application/problem+json', hasRequestId: true, hasDetail: true, hasInstance: true,
      type: `/errors#${code}`, title, status, code, retryable, instance: rest.instance, error: detail, fields: path === undefined ? seen.fields : [path],
    }
    return { pass: this.equals(seen, wanted), message: () => `the answer is not the problem ${code}: ${this.utils.diff(wanted, seen) ?? ''}`, actual: seen, expected: wanted }
  },
})

/** Asks with exactly these headers and this body text: no key, no content type unless it is named. */
export async function askRaw(gateway: Gateway, method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer<unknown>> {
  const answer = await fetch(gateway.url + path, { method, headers, ...(body === undefined ? {} : { body }) })
  const text = await answer.text()
  const json = answer.headers.get('content-type')?.includes('json') ?? false
  return { status: answer.status, headers: answer.headers, body: json ? (JSON.parse(text) as unknown) : text }
}

/** The row answers 401 to whoever has no key or a wrong one, whatever else is wrong with the request. */
export function refusesStrangers(gateway: Gateway, method: string, path: string): void {
  it.each(STRANGERS)('401 with %s', async (_name, headers) => {
    const answer = await askRaw(gateway, method, path, headers)
    expect(answer).toBeProblem('UNAUTHORIZED')
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
  })
}

/** The row answers 400 to a session id that cannot be one; `path` is what follows `/sessions/:session_id`. */
export function refusesBadSessionIds(gateway: Gateway, method: string, path = '', body?: unknown): void {
  it.each(['-a', 'a b', 'ä', 'a.b', '..%2Fa', 'x'.repeat(65)])('400 for the session id %s', async (id) => {
    const url = `/sessions/${id.includes('%') ? id : encodeURIComponent(id)}${path}`
    expect(await gateway.call(method, url, { body })).toBeProblem('VALIDATION_FAILED', '/params/session_id')
  })
}

/** The row answers 404 for a session that does not exist. */
export function refusesUnknownSessions(gateway: Gateway, method: string, path = '', body?: unknown): void {
  it('404 for an unknown session', async () => {
    expect(await gateway.call(method, `/sessions/nobody${path}`, { body })).toBeProblem('SESSION_NOT_FOUND')
  })
}

/** The row answers 400 to a chat id that is no address; `path` is what follows the chat id. */
export function refusesBadChatIds(gateway: Gateway, method: string, session: string, path = '', body?: unknown): void {
  it.each(['hello', '0600', '12', '+', '34600000001@example.com', 'x@g.us', '@s.whatsapp.net', '346000000011111111111'])('400 for the chat id %s', async (id) => {
    expect(await gateway.call(method, `/sessions/${session}/chats/${encodeURIComponent(id)}${path}`, { body })).toBeProblem('VALIDATION_FAILED', '/params/chat_id')
  })
}

/** Links a session and waits for the account's own name, which comes a moment after the connection. */
export async function linkNamed(gateway: Gateway, id: string, phone: string, name: string): Promise<void> {
  await gateway.link(id, phone, name)
  await until(async () => (await gateway.session(id)).user?.name === name, `the name of session ${id}`)
}

/** Drops the session's connection in what is done here, and waits until it is open again. */
export async function acrossDrop<T>(gateway: Gateway, id: string, work: () => Promise<T>): Promise<T> {
  const { stateSince } = await gateway.session(id)
  const result = await work()
  await until(async () => {
    const now = await gateway.session(id)
    return now.state === 'open' && now.stateSince !== stateSince
  }, `session ${id} to be open again`)
  return result
}

/** A person of the simulator's world as the API names them. */
export function personOf(gateway: Gateway, phone: string, name: string | null): Person {
  return { id: `${phone}@s.whatsapp.net`, phone, lid: lidOf(gateway, phone), name }
}

/** The LID digits of a phone; the person is made when nobody knows it yet. */
export const lidOf = (gateway: Gateway, phone: string): string => gateway.simulator.world.accounts.ensure({ phone }).lid

/** The path of the page after this one, or undefined on the last. */
export const nextPage = (answer: Answer<unknown>): string | undefined => /^<(.+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1]

/** Follows Link headers to the end; the pages in order. */
export async function allPages<Row>(gateway: Gateway, path: string): Promise<readonly (readonly Row[])[]> {
  const pages: Row[][] = []
  for (let url: string | undefined = path; url !== undefined;) {
    const answer: Answer<Row[]> = await gateway.call<Row[]>('GET', url)
    expect(answer.status).toBe(200)
    pages.push(answer.body)
    url = nextPage(answer)
  }
  return pages
}
