import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/errors.ts'
import { testApp } from '../support/app.ts'

const QR = { text: '2@some-qr-text', expiresAt: new Date('2030-01-01T00:00:00Z') }

async function withQr(): Promise<Awaited<ReturnType<typeof testApp>>> {
  const made = await testApp({ whatsapp: { waitForQr: async () => QR } })
  await made.app.sessions.create('a')
  return made
}

describe('GET /sessions/:session_id/qr', () => {
  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['image/*', 'image/png'],
    ['image/svg+xml', 'image/svg+xml'],
    ['text/plain;q=0.9, image/svg+xml;q=0.2', 'text/plain'],
    ['application/json;q=0, */*', 'image/png'],
  ])('200 for Accept: %s as %s', async (accept, type) => {
    const { ask } = await withQr()
    const answer = await ask('GET', '/sessions/a/qr', { headers: accept === undefined ? {} : { accept } })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toContain(type)
    expect(answer.headers).toMatchObject({ vary: 'accept', 'cache-control': 'no-store' })
  })

  it('200 with the code, a PNG, an SVG, and blocks for a terminal', async () => {
    const { ask } = await withQr()
    const as = (accept: string): ReturnType<typeof ask> => ask('GET', '/sessions/a/qr', { headers: { accept } })
    expect((await as('application/json')).json()).toEqual({ qr: QR.text, expiresAt: '2030-01-01T00:00:00.000Z', state: 'stopped' })
    const png = await as('image/png')
    expect(png.rawPayload.subarray(1, 4).toString()).toBe('PNG')
    expect(png.headers.expires).toBe('Tue, 01 Jan 2030 00:00:00 GMT')
    expect((await as('image/svg+xml')).body).toMatch(/^<svg /)
    expect((await as('text/plain')).body).toContain('█')
  })

  it('200 with null as JSON, 409 as a picture, when there is no code', async () => {
    const { app, ask } = await testApp()
    await app.sessions.create('a')
    expect((await ask('GET', '/sessions/a/qr')).json()).toEqual({ qr: null, expiresAt: null, state: 'stopped' })
    const answer = await ask('GET', '/sessions/a/qr', { headers: { accept: 'image/png' } })
    expect(answer.statusCode).toBe(409)
    expect(answer.json()).toMatchObject({ code: 'QR_NOT_READY', retryable: true })
  })

  it('400 for a wait over 30 seconds', async () => {
    const { ask } = await withQr()
    expect((await ask('GET', '/sessions/a/qr?wait=31')).statusCode).toBe(400)
  })

  it('404 for an unknown session', async () => {
    const { ask } = await testApp()
    expect((await ask('GET', '/sessions/a/qr')).statusCode).toBe(404)
  })

  it('406 for a type it does not come in', async () => {
    const { ask } = await withQr()
    const answer = await ask('GET', '/sessions/a/qr', { headers: { accept: 'image/gif' } })
    expect(answer.statusCode).toBe(406)
    expect(answer.json()).toMatchObject({ code: 'NOT_ACCEPTABLE' })
  })
})

describe('POST /sessions/:session_id/pairing-code', () => {
  it.each(['+34600000001', '34600000001'])('200 for %s', async (phone) => {
    let asked = ''
    const { ask } = await testApp({
      whatsapp: {
        async pairingCode(_id, digits) {
          asked = digits
          return { code: 'ABCD1234', expiresAt: '2030-01-01T00:00:00.000Z' }
        },
      },
    })
    const answer = await ask('POST', '/sessions/a/pairing-code', { body: { phone } })
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({ code: 'ABCD1234', expiresAt: '2030-01-01T00:00:00.000Z' })
    expect(asked).toBe('34600000001')
  })

  it.each([[{}, '/body/phone'], [{ phone: '0600' }, '/body/phone'], [{ phone: 34600000001 }, '/body/phone'], [{ phone: '34600000001', x: 1 }, '/body/x'], [undefined, '/body'], [[], '/body'], ['null', '/body']])('400 for %j', async (body, path) => {
    const { ask } = await testApp()
    const answer = await ask('POST', '/sessions/a/pairing-code', { body, headers: { 'content-type': 'application/json' } })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ errors: [{ path }] })
  })

  it('409 when it is linked already', async () => {
    const { ask } = await testApp({ whatsapp: { pairingCode: () => Promise.reject(new Problem('ALREADY_LINKED', 'Linked.')) } })
    expect((await ask('POST', '/sessions/a/pairing-code', { body: { phone: '34600000001' } })).statusCode).toBe(409)
  })
})
