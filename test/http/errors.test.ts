import { once } from 'node:events'
import { connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Problem } from '../../schemas/problem.ts'
import { StoreFailed } from '../../src/store/faults.ts'
import { testApp, type TestApp } from '../support/app.ts'
import { until } from '../support/wait.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

type Answer = Awaited<ReturnType<TestApp['ask']>>

/** Status and code of an answer whose whole envelope is right. */
function outcome(answer: Answer): readonly [number, string] {
  const { status, code, type, detail, error } = answer.json<Problem>()
  expect(answer.headers['content-type']).toContain('application/problem+json')
  expect(answer.headers['x-request-id']).toBeDefined()
  expect({ status, type, error }).toEqual({ status: answer.statusCode, type: `/errors#${code}`, error: detail })
  return [answer.statusCode, code]
}

describe('what every operation may answer', () => {
  it('404 for an unknown route', async () => {
    const { ask } = await testApp()
    const answer = await ask('GET', '/nowhere?secret=1')
    expect(outcome(answer)).toEqual([404, 'ROUTE_NOT_FOUND'])
    expect(answer.json()).toMatchObject({ instance: '/nowhere' })
    expect(answer.body).not.toContain('secret')
  })

  it.each(['PATCH', 'PUT', 'PROPFIND', 'OPTIONS'] as const)('405 for %s where it does not exist, naming what does', async (method) => {
    const { ask } = await testApp()
    const answer = await ask(method, '/sessions/a')
    expect(outcome(answer)).toEqual([405, 'METHOD_NOT_ALLOWED'])
    expect(answer.headers.allow).toBe('DELETE, GET, HEAD, POST')
  })

  it('400 for a URL with a broken escape', async () => {
    const { ask } = await testApp()
    expect(outcome(await ask('GET', '/sessions/%E0%A4%A'))).toEqual([400, 'MALFORMED_REQUEST'])
  })

  it.each(['{', 'nul', '{"text":"a"', '{"__proto__":{"a":1}}', '"\\ud83d', '\u0000'])('400 for the body %j', async (body) => {
    const { ask } = await testApp()
    expect(outcome(await ask('POST', '/sessions/a/pairing-code', { body, headers: JSON_TYPE }))).toEqual([400, 'MALFORMED_JSON'])
  })

  it('400 naming each field', async () => {
    const { ask } = await testApp()
    const answer = await ask('GET', '/sessions?limit=0&colour=red')
    expect(outcome(answer)).toEqual([400, 'VALIDATION_FAILED'])
    expect(answer.json()).toMatchObject({
      detail: 'query.colour is not a known field; query.limit must be at least 1.',
      errors: [{ path: '/query/colour', message: 'is not a known field' }, { path: '/query/limit', message: 'must be at least 1' }],
    })
  })

  it.each([['/sessions?limit=1&limit=2', '/query/limit'], ['/sessions?limit=', '/query/limit'], ['/sessions?limit=1.5', '/query/limit'], ['/sessions?limit=201', '/query/limit'], ['/sessions?cursor=', '/query/cursor'], ['/sessions?cursor=nonsense', '/query/cursor'], ['/sessions/-a', '/params/session_id'], ['/sessions/a b', '/params/session_id']])('400 for %s', async (url, path) => {
    const { ask } = await testApp()
    const answer = await ask('GET', encodeURI(url))
    expect(outcome(answer)).toEqual([400, 'VALIDATION_FAILED'])
    expect(answer.json<{ errors: { path: string }[] }>().errors.map((field) => field.path)).toContain(path)
  })

  it('414 for a path parameter that is too long', async () => {
    const { ask } = await testApp()
    expect(outcome(await ask('GET', `/sessions/${'a'.repeat(500)}`))).toEqual([414, 'URI_TOO_LONG'])
  })

  it('413 for a body over the limit', async () => {
    const { ask } = await testApp({ env: { BODY_LIMIT_BYTES: '1024' } })
    expect(outcome(await ask('POST', '/sessions/a/pairing-code', { body: { phone: '1'.repeat(2000) } }))).toEqual([413, 'BODY_TOO_LARGE'])
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'nonsense'])('415 for %s', async (type) => {
    const { ask } = await testApp()
    expect(outcome(await ask('POST', '/sessions/a/pairing-code', { body: 'phone=1', headers: { 'content-type': type } }))).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
  })

  it.each([['application/json', ''], ['application/json', ' \n'], ['application/x-www-form-urlencoded', '']])('200 for no body announced as %s (%j)', async (type, body) => {
    const { ask } = await testApp()
    expect((await ask('POST', '/sessions/a', { body, headers: { 'content-type': type, 'content-length': String(body.length) } })).statusCode).toBe(200)
  })

  it('500 that reveals nothing', async () => {
    const { ask } = await testApp({ whatsapp: { start: () => Promise.reject(new Error('the secret is 42')) } })
    const answer = await ask('POST', '/sessions/a')
    expect(outcome(answer)).toEqual([500, 'INTERNAL'])
    expect(answer.body).not.toContain('42')
    expect(answer.body).not.toContain('stack')
  })

  it('503 while the store fails, with a time to come back', async () => {
    const { ask } = await testApp({ whatsapp: { start: () => Promise.reject(new StoreFailed('disk full', { code: 'SQLITE_FULL' })) } })
    const answer = await ask('POST', '/sessions/a')
    expect(outcome(answer)).toEqual([503, 'STORE_UNAVAILABLE'])
    expect(answer.headers['retry-after']).toBe('5')
    expect(answer.body).not.toContain('SQLITE')
  })
})

describe('X-Request-Id', () => {
  it('is echoed', async () => {
    const { ask } = await testApp()
    expect((await ask('GET', '/sessions', { headers: { 'x-request-id': 'mine-1' } })).headers['x-request-id']).toBe('mine-1')
    expect((await ask('GET', '/%', { headers: { 'x-request-id': 'mine-2' } })).headers['x-request-id']).toBe('mine-2')
  })

  it.each(['a'.repeat(129), 'a b', ''])('is made up instead of %j', async (given) => {
    const { ask } = await testApp()
    expect((await ask('GET', '/sessions', { headers: { 'x-request-id': given } })).headers['x-request-id']).toMatch(/^req_[0-9a-f-]{36}$/)
  })
})

describe('what is not HTTP', () => {
  async function send(bytes: string): Promise<string> {
    const { app } = await testApp({ alone: true })
    const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
    const socket = connect(Number(port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.write(bytes)
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    return answer
  }

  it('400 for garbage', async () => {
    const answer = await send('HELO\r\n\r\n')
    expect(answer).toContain('HTTP/1.1 400 Bad Request')
    expect(answer).toContain('"code":"MALFORMED_REQUEST"')
  })

  it('431 for headers over the limit', async () => {
    const answer = await send(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`)
    expect(answer).toContain('HTTP/1.1 431 ')
    expect(answer).toContain('"code":"HEADERS_TOO_LARGE"')
  })
})

const connectionsOf = (app: FastifyInstance): Promise<number> => new Promise((resolve, reject) => app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))))

describe('while the server closes', () => {
  it('takes no new connections, 503 for new requests on open ones, and answers under way arrive', async () => {
    let finish: (() => void) | undefined
    const started = new Promise<void>((resolve) => void (finish = resolve))
    let answerNow: (() => void) | undefined
    const slow = new Promise<void>((resolve) => void (answerNow = resolve))
    const { app, store } = await testApp({
      alone: true,
      whatsapp: {
        async waitForQr() {
          finish?.()
          await slow
          return null
        },
      },
    })
    await app.sessions.create('a')
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const headers = { 'x-api-key': app.auth.key.value }
    const underWay = fetch(`${url}/sessions/a/qr`, { headers })
    await started
    const open = connect({ port: Number(new URL(url).port), host: '127.0.0.1' })
    await once(open, 'connect')
    await until(async () => (await connectionsOf(app)) === 2, 'both connections')
    const closed = app.close()
    await until(() => !app.server.listening, 'the server to listen no more')
    await expect(fetch(`${url}/sessions`, { headers })).rejects.toThrow('fetch failed')
    open.write(`GET /sessions HTTP/1.1\r\nHost: a\r\nX-Api-Key: ${app.auth.key.value}\r\n\r\n`)
    let refused = ''
    for await (const chunk of open) refused += String(chunk)
    expect(refused).toContain('HTTP/1.1 503 ')
    expect(refused).toContain('"code":"SHUTTING_DOWN"')
    expect(refused).toMatch(/^retry-after: 5\r$/im)
    answerNow?.()
    expect((await underWay).status).toBe(200)
    await closed
    await expect(store.commit('a', [])).rejects.toThrow(StoreFailed)
  })
})
