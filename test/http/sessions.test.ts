import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/errors.ts'
import { OWN_PHONE, testApp } from '../support/app.ts'

const QR = { text: '2@qr', expiresAt: new Date('2030-01-01T00:00:00Z') }

describe('GET /sessions', () => {
  it('200 without any', async () => {
    const { ask } = await testApp()
    const answer = await ask('GET', '/sessions')
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual([])
    expect(answer.headers.link).toBeUndefined()
  })

  it('200 page by page, each session once', async () => {
    const { app, ask } = await testApp()
    for (let number = 0; number < 7; number++) await app.sessions.create(`s${number}`)
    const seen: string[] = []
    let url: string | undefined = '/sessions?limit=3'
    while (url) {
      const answer = await ask('GET', url)
      expect(answer.statusCode).toBe(200)
      seen.push(...answer.json<{ id: string }[]>().map(({ id }) => id))
      url = /^<(.+limit=3.*)>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1]
    }
    expect(seen.toSorted()).toEqual(['s0', 's1', 's2', 's3', 's4', 's5', 's6'])
  })
})

describe('GET /sessions/:session_id', () => {
  it('200 for a linked session', async () => {
    const { ask, link } = await testApp()
    await link('sales')
    const answer = await ask('GET', '/sessions/sales')
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({ id: 'sales', isLoggedIn: true, linked: true, state: 'open', reason: null, user: { id: `${OWN_PHONE}@s.whatsapp.net`, phone: OWN_PHONE, lid: '111', name: 'Me' } })
  })

  it('404 for an unknown session', async () => {
    const { ask } = await testApp()
    const answer = await ask('GET', '/sessions/nobody')
    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toMatchObject({ code: 'SESSION_NOT_FOUND', detail: "There is no session 'nobody'." })
  })
})

describe('POST /sessions/:session_id', () => {
  it('200 with a QR code as a data URL', async () => {
    const { ask } = await testApp({
      whatsapp: {
        start: async (id) => ({ id, state: 'qr', reason: null, stateSince: '', linked: false, wanted: true, user: null, createdAt: '', secret: 's' }),
        qr: () => QR,
      },
    })
    const answer = await ask('POST', '/sessions/a')
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({ status: 'qr', state: 'qr', expiresAt: '2030-01-01T00:00:00.000Z', qr: expect.stringMatching(/^data:image\/png;base64,iVBOR/) })
  })

  it('200 already logged in', async () => {
    const { ask, link } = await testApp({ whatsapp: { start: async () => session } })
    const session = await link('a')
    expect((await ask('POST', '/sessions/a')).json()).toMatchObject({ status: 'already_logged_in', state: 'open', qr: null })
  })

  it('200 with the state it is in after the wait', async () => {
    let waited = -1
    const { app, ask } = await testApp({
      whatsapp: {
        async start(id, waitMs) {
          waited = waitMs
          return app.sessions.create(id)
        },
      },
    })
    expect((await ask('POST', '/sessions/a?wait=0.5')).json()).toMatchObject({ status: 'stopped', qr: null })
    expect(waited).toBe(500)
    await ask('POST', '/sessions/a')
    expect(waited).toBe(10_000)
  })

  it('400 for a wait over 25 seconds', async () => {
    const { ask } = await testApp()
    const answer = await ask('POST', '/sessions/a?wait=26')
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ errors: [{ path: '/query/wait', message: 'must be at most 25' }] })
  })

  it('409 when it is removed meanwhile', async () => {
    const { ask } = await testApp({ whatsapp: { start: () => Promise.reject(new Problem('SESSION_REMOVED', 'Gone.')) } })
    expect((await ask('POST', '/sessions/a')).statusCode).toBe(409)
  })
})

describe('DELETE /sessions/:session_id', () => {
  it('200, and it is gone', async () => {
    const { ask, link } = await testApp()
    await link('a')
    const answer = await ask('DELETE', '/sessions/a')
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({ status: 'logged_out', remote: false })
    expect((await ask('GET', '/sessions/a')).statusCode).toBe(404)
  })

  it('404 for an unknown session', async () => {
    const { ask } = await testApp()
    expect((await ask('DELETE', '/sessions/a')).statusCode).toBe(404)
  })
})

describe('stop, restart, logout', () => {
  it('200 each', async () => {
    const { ask, link } = await testApp()
    await link('a')
    expect((await ask('POST', '/sessions/a/restart')).json()).toMatchObject({ id: 'a', state: 'open' })
    expect((await ask('POST', '/sessions/a/logout')).json()).toMatchObject({ status: 'logged_out', remote: true, session: { id: 'a' } })
    expect((await ask('POST', '/sessions/a/stop')).json()).toMatchObject({ id: 'a', state: 'stopped', isLoggedIn: false, linked: true })
  })

  it.each(['stop', 'restart', 'logout'])('404 for %s of an unknown session', async (verb) => {
    const { ask } = await testApp()
    expect((await ask('POST', `/sessions/a/${verb}`)).statusCode).toBe(404)
  })
})
