import { describe, expect, it } from 'vitest'
import { catalogue } from '../../src/errors.ts'
import { openMemory } from '../../src/store/memory.ts'
import { StoreFailed } from '../../src/store/faults.ts'
import { testApp } from '../support/app.ts'

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

describe('GET /', () => {
  it('200 that tells strangers nothing', async () => {
    const { ask } = await testApp()
    expect((await ask('GET', '/', { key: null })).json()).toEqual({ status: 'SERVER RUNNING' })
    expect((await ask('GET', '/', { key: 'wrong' })).json()).toEqual({ status: 'SERVER RUNNING' })
  })

  it('200 with more for whoever has the key', async () => {
    const { ask } = await testApp()
    expect((await ask('GET', '/')).json()).toEqual({
      status: 'SERVER RUNNING', version: expect.stringMatching(/^\d+\.\d+\.\d+/), uptimeSeconds: expect.any(Number), links: { docs: '/docs', openapi: '/openapi.json', health: '/health/ready' },
    })
  })

  it('200 with a page for browsers, that holds no key and runs no script', async () => {
    const { app, ask } = await testApp()
    const answer = await ask('GET', '/', { headers: BROWSER })
    expect(answer.headers['content-type']).toContain('text/html')
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    expect(answer.body).toContain('href="/docs"')
    expect(answer.body).not.toContain(app.auth.key.value)
    expect(answer.body).not.toContain('<script')
  })
})

describe('health', () => {
  it('200 when all is well', async () => {
    const { ask } = await testApp()
    expect((await ask('GET', '/health/live', { key: null })).json()).toEqual({ status: 'ok' })
    expect((await ask('GET', '/health/ready', { key: null })).json()).toEqual({ status: 'ok' })
  })

  it('503 when the store fails, while the process is still alive', async () => {
    const memory = openMemory()
    const { ask } = await testApp({ store: { ...memory, commit: memory.commit.bind(memory), close: memory.close.bind(memory), sessions: { ...memory.sessions, page: () => Promise.reject(new StoreFailed('disk')) } } })
    const answer = await ask('GET', '/health/ready', { key: null })
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect((await ask('GET', '/health/live', { key: null })).statusCode).toBe(200)
  })
})

describe('what runs here', () => {
  it('200 for the versions', async () => {
    const { ask } = await testApp()
    expect((await ask('GET', '/version')).json()).toEqual({ version: expect.any(String), node: process.versions.node, baileys: '7.0.0-rc14', whatsapp: expect.stringMatching(/^2\.3000\.\d+$/), sandbox: false })
  })

  it('200 for every error code', async () => {
    const { ask } = await testApp()
    const entries = (await ask('GET', '/errors')).json<{ code: string }[]>()
    expect(entries.map(({ code }) => code)).toEqual(Object.keys(catalogue))
    expect(entries[0]).toEqual({ code: 'VALIDATION_FAILED', ...catalogue.VALIDATION_FAILED })
  })

  it('200 for the documentation, usable over plain HTTP', async () => {
    const { ask } = await testApp()
    const answer = await ask('GET', '/docs', { key: null })
    expect(answer.headers['content-security-policy']).not.toContain('upgrade-insecure-requests')
    expect((await ask('GET', '/openapi.json', { key: null })).json()).toMatchObject({ openapi: '3.1.0', info: { title: 'Puente' } })
  })
})
