import { describe, expect, it } from 'vitest'
import { catalogue } from '../../../src/errors.ts'
import { askRaw, refusesStrangers, useGateway } from '../../support/rows.ts'
import { API_KEY } from '../../support/gateway.ts'

const gateway = useGateway({ BODY_LIMIT_BYTES: '1024' })
const JSON_TYPE = { 'x-api-key': API_KEY, 'content-type': 'application/json' }

describe('GET /', () => {
  it('200 that tells strangers nothing', async () => {
    const answer = await askRaw(gateway, 'GET', '/')
    expect([answer.status, answer.body]).toEqual([200, { status: 'SERVER RUNNING' }])
  })

  it.each([{ 'x-api-key': API_KEY }, { authorization: `Bearer ${API_KEY}` }, { apikey: API_KEY }])('200 with version, uptime and links for whoever has the key: %j', async (headers) => {
    const answer = await askRaw(gateway, 'GET', '/', headers)
    expect([answer.status, answer.body]).toEqual([200, {
      status: 'SERVER RUNNING', version: expect.stringMatching(/^\d+\.\d+\.\d+/), uptimeSeconds: expect.any(Number), links: { docs: '/docs', openapi: '/openapi.json', health: '/health/ready' },
    }])
  })

  it('200 with a page for a browser', async () => {
    const answer = await askRaw(gateway, 'GET', '/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toContain('text/html')
    expect(answer.body).toContain('<html')
    expect(answer.body).not.toContain(API_KEY)
  })
})

describe('GET /health/live and /health/ready', () => {
  it.each(['/health/live', '/health/ready'])('200 for %s without a key', async (path) => {
    const answer = await askRaw(gateway, 'GET', path)
    expect([answer.status, answer.body]).toEqual([200, { status: 'ok' }])
  })
})

describe('GET /version', () => {
  refusesStrangers(gateway, 'GET', '/version')

  it('200 with what runs here', async () => {
    const { status, body } = await gateway.call('GET', '/version')
    expect([status, body]).toEqual([200, { version: expect.stringMatching(/^\d/), node: process.versions.node, baileys: '7.0.0-rc14', whatsapp: expect.stringMatching(/^2\.3000\.\d+$/), sandbox: true }])
  })
})

describe('GET /errors', () => {
  refusesStrangers(gateway, 'GET', '/errors')

  it('200 with the whole catalogue', async () => {
    const { status, body } = await gateway.call('GET', '/errors')
    expect([status, body]).toEqual([200, Object.entries(catalogue).map(([code, entry]) => ({ code, ...entry }))])
  })
})

describe('GET /openapi.json and /docs', () => {
  it('200 without a key: the document, every operation in it', async () => {
    const { status, body } = await askRaw(gateway, 'GET', '/openapi.json')
    expect(status).toBe(200)
    expect(body).toMatchObject({ openapi: '3.1.0' })
    expect(Object.keys((body as { paths: object }).paths)).toEqual(expect.arrayContaining(['/sessions', '/sessions/{session_id}', '/sessions/{session_id}/chats/refresh', '/sessions/{session_id}/chats/{chat_id}/messages']))
  })

  it('200 without a key: the page', async () => {
    const { status, headers } = await askRaw(gateway, 'GET', '/docs')
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')])
  })
})

describe('every request', () => {
  it.each([{ 'x-api-key': API_KEY }, { authorization: `Bearer ${API_KEY}` }, { apikey: API_KEY }, { 'x-api-key': '', authorization: `bearer ${API_KEY}`, apikey: 'wrong' }])('200 with the key in %j', async (headers) => {
    expect((await askRaw(gateway, 'GET', '/sessions', headers as Record<string, string>)).status).toBe(200)
  })

  it('401 with the key in the URL', async () => {
    expect(await askRaw(gateway, 'GET', `/sessions?apikey=${API_KEY}`)).toBeProblem('UNAUTHORIZED')
  })

  it('404 for a path that leads nowhere', async () => {
    expect(await gateway.call('GET', '/nowhere')).toBeProblem('ROUTE_NOT_FOUND')
  })

  it('405 for a method that the path does not take, naming those it takes', async () => {
    const answer = await gateway.call('PUT', '/sessions')
    expect(answer).toBeProblem('METHOD_NOT_ALLOWED')
    expect(answer.headers.get('allow')).toContain('GET')
  })

  it('400 for a URL with a broken escape', async () => {
    expect(await gateway.call('GET', '/sessions/%zz')).toBeProblem('MALFORMED_REQUEST')
  })

  it.each(['{', '{"phone":', 'nul', '{"__proto__":{}}'])('400 for the body %s', async (body) => {
    expect(await askRaw(gateway, 'POST', '/sessions/a/pairing-code', JSON_TYPE, body)).toBeProblem('MALFORMED_JSON')
  })

  it('413 for a body over the limit', async () => {
    expect(await gateway.call('POST', '/sessions/a/pairing-code', { body: { phone: '1'.repeat(2000) } })).toBeProblem('BODY_TOO_LARGE')
  })

  it('414 for a path parameter that no session could have', async () => {
    expect(await gateway.call('GET', `/sessions/${'x'.repeat(1000)}`)).toBeProblem('URI_TOO_LONG')
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])('415 for a body in %s', async (type) => {
    expect(await askRaw(gateway, 'POST', '/sessions/a/pairing-code', { 'x-api-key': API_KEY, 'content-type': type }, 'phone=1')).toBeProblem('UNSUPPORTED_MEDIA_TYPE')
  })

  it('431 for headers over the limit', async () => {
    expect(await askRaw(gateway, 'GET', '/', { 'x-long': 'x'.repeat(40_000) })).toBeProblem('HEADERS_TOO_LARGE')
  })

  it('echoes X-Request-Id', async () => {
    expect((await gateway.call('GET', '/sessions', { headers: { 'x-request-id': 'mine-7' } })).headers.get('x-request-id')).toBe('mine-7')
  })
})
