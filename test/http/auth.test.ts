import { describe, expect, it } from 'vitest'
import { KEY, testApp } from '../support/app.ts'

const problem = { code: 'UNAUTHORIZED', status: 401 }

describe('the API key', () => {
  it.each([
    ['X-Api-Key', { 'x-api-key': KEY }],
    ['Authorization: Bearer', { authorization: `Bearer ${KEY}` }],
    ['a bearer in another case', { authorization: `bearer  ${KEY}` }],
    ['apikey', { apikey: KEY }],
    ['the first that is not empty', { 'x-api-key': '', authorization: `Bearer ${KEY}`, apikey: 'wrong' }],
    ['another scheme is no key', { authorization: 'Basic abc', apikey: KEY }],
  ])('200 with %s', async (_name, headers) => {
    const { ask } = await testApp()
    const answer = await ask('GET', '/sessions', { key: null, headers })
    expect(answer.statusCode).toBe(200)
  })

  it.each([
    ['no key', {}],
    ['a wrong key', { 'x-api-key': 'wrong' }],
    ['a key that starts right', { 'x-api-key': KEY.slice(0, -1) }],
    ['a wrong key before a right one', { 'x-api-key': 'wrong', authorization: `Bearer ${KEY}` }],
    ['the key under another scheme', { authorization: `Basic ${KEY}` }],
  ])('401 with %s', async (_name, headers) => {
    const { ask } = await testApp()
    const answer = await ask('GET', '/sessions', { key: null, headers })
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="puente"')
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(answer.json()).toMatchObject(problem)
  })

  it('401 with a key in the URL', async () => {
    const { ask } = await testApp()
    expect((await ask('GET', `/sessions?apikey=${KEY}`, { key: null })).statusCode).toBe(401)
  })

  it('401 before anything is validated, and for paths that do not exist', async () => {
    const { ask } = await testApp()
    expect((await ask('POST', '/sessions/!', { key: null, body: '{', headers: { 'content-type': 'application/json' } })).statusCode).toBe(401)
    expect((await ask('GET', '/nowhere', { key: null })).statusCode).toBe(401)
    expect((await ask('GET', '/docs/../sessions', { key: null })).statusCode).toBe(401)
    expect((await ask('GET', '/docsx', { key: null })).statusCode).toBe(401)
  })

  it.each(['/', '/openapi.json', '/docs', '/docs/static/swagger-ui.css', '/health/live', '/health/ready'])('200 for %s without a key', async (url) => {
    const { ask } = await testApp()
    expect((await ask('GET', url, { key: null })).statusCode).toBe(200)
  })

  it('401 everywhere else', async () => {
    const { app, ask } = await testApp()
    const paths = Object.entries(app.swagger().paths ?? {}).flatMap(([path, methods]) => Object.keys(methods ?? {}).map((method) => [method.toUpperCase() as 'GET', path] as const))
    const open = ['/', '/openapi.json', '/health/live', '/health/ready']
    const closed = paths.filter(([, path]) => !open.includes(path))
    expect(closed.length).toBeGreaterThan(15)
    for (const [method, path] of closed) {
      const answer = await ask(method, path.replaceAll(/\{\w+\}/g, 'x'), { key: null })
      expect([method, path, answer.statusCode]).toEqual([method, path, 401])
    }
  })
})
