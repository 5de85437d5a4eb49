import { describe, expect, it } from 'vitest'
import type { PairingCode, QrCode } from '../../../schemas/linking.ts'
import type { SessionStart } from '../../../schemas/session.ts'
import { askRaw, personOf, refusesBadSessionIds, refusesStrangers, refusesUnknownSessions, TIME, useGateway } from '../../support/rows.ts'
import { API_KEY } from '../../support/gateway.ts'
import { until } from '../../support/wait.ts'

const gateway = useGateway()
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** The QR code in the form that Accept asks for, as bytes. */
async function picture(accept: string): Promise<{ readonly type: string | null; readonly bytes: Buffer; readonly headers: Headers }> {
  const answer = await fetch(`${gateway.url}/sessions/shown/qr`, { headers: { 'x-api-key': API_KEY, accept } })
  expect(answer.status).toBe(200)
  return { type: answer.headers.get('content-type'), bytes: Buffer.from(await answer.arrayBuffer()), headers: answer.headers }
}

const code = async (id: string, phone: string) => gateway.call<PairingCode>('POST', `/sessions/${id}/pairing-code`, { body: { phone } })

describe('GET /sessions/:session_id/qr', () => {
  refusesStrangers(gateway, 'GET', '/sessions/shown/qr')
  refusesBadSessionIds(gateway, 'GET', '/qr')
  refusesUnknownSessions(gateway, 'GET', '/qr')

  it('200 as JSON: the text of the code, and when it changes', async () => {
    await gateway.call('POST', '/sessions/shown')
    const { status, body } = await gateway.call<QrCode>('GET', '/sessions/shown/qr')
    expect([status, body]).toEqual([200, { qr: expect.stringMatching(/2@[^,]+(,[^,]+){3,}/), expiresAt: expect.stringMatching(TIME), state: 'qr' }])
    expect(Date.parse(body.expiresAt ?? '') - Date.now()).toBeGreaterThan(20_000)
  })

  it('200 as PNG: a square picture with its own expiry', async () => {
    const { type, bytes, headers } = await picture('image/png')
    expect(type).toBe('image/png')
    expect(bytes.subarray(0, 8)).toEqual(PNG)
    expect(bytes.toString('latin1', 12, 16)).toBe('IHDR')
    const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
    expect(width).toBe(height)
    expect(width).toBeGreaterThan(200)
    expect(bytes.toString('latin1', bytes.length - 8, bytes.length - 4)).toBe('IEND')
    expect(Date.parse(headers.get('expires') ?? '')).toBeGreaterThan(Date.now())
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('200 as SVG', async () => {
    const { type, bytes } = await picture('image/svg+xml')
    expect(type).toContain('image/svg+xml')
    expect(bytes.toString()).toMatch(/^<svg [^>]*viewBox="0 0 (\d+) \1"[\s\S]*<\/svg>\s*$/)
  })

  it('200 as text that a terminal shows', async () => {
    const { type, bytes } = await picture('text/plain')
    expect(type).toContain('text/plain')
    const lines = bytes.toString().split('\n').filter((line) => line !== '')
    expect(new Set(lines.map((line) => line.length)).size).toBe(1)
    expect(lines.join('')).toMatch(/^[ \u2580\u2584\u2588]+$/)
  })

  it('200 in the form that Accept likes best', async () => {
    expect((await picture('image/png;q=0.5, image/svg+xml')).type).toContain('image/svg+xml')
    expect((await picture('*/*')).type).toContain('application/json')
  })

  it('406 for a form that does not exist', async () => {
    expect(await gateway.call('GET', '/sessions/shown/qr', { headers: { accept: 'application/pdf' } })).toBeProblem('NOT_ACCEPTABLE')
  })

  it('200 as soon as there is a code, when asked to wait', async () => {
    gateway.simulator.addFault({ kind: 'httpError' })
    await gateway.call('POST', '/sessions/late?wait=0')
    expect((await gateway.call<QrCode>('GET', '/sessions/late/qr')).body).toMatchObject({ qr: null, expiresAt: null })
    const { status, body } = await gateway.call<QrCode>('GET', '/sessions/late/qr?wait=20')
    expect([status, body]).toMatchObject([200, { qr: expect.stringContaining('2@'), state: 'qr' }])
  })

  it('200 without a code, or 409 for a picture of none, once linked', async () => {
    await gateway.link('late', '15550100001')
    expect((await gateway.call<QrCode>('GET', '/sessions/late/qr?wait=20')).body).toEqual({ qr: null, expiresAt: null, state: 'open' })
    expect(await gateway.call('GET', '/sessions/late/qr', { headers: { accept: 'image/png' } })).toBeProblem('QR_NOT_READY')
  })

  it.each(['wait=31', 'wait=-1', 'wait=x', 'size=3'])('400 for ?%s', async (query) => {
    expect(await gateway.call('GET', `/sessions/shown/qr?${query}`)).toBeProblem('VALIDATION_FAILED', `/query/${query.split('=')[0] ?? ''}`)
  })

  it('shows the same code as POST, and a phone that scans it links', async () => {
    const phone = '15550100002'
    const { qr } = (await gateway.call<QrCode>('GET', '/sessions/shown/qr')).body
    await gateway.simulator.scan(qr ?? '', { phone, name: 'Sam' })
    await gateway.state('shown', 'open')
    // The account's name comes a moment after the connection.
    await until(async () => (await gateway.session('shown')).user?.name === 'Sam', 'the name')
    expect(await gateway.session('shown')).toMatchObject({ isLoggedIn: true, user: personOf(gateway, phone, 'Sam') })
  })
})

describe('a QR code that nobody scans', () => {
  it('is told as expired, and POST starts anew', async () => {
    gateway.simulator.addFault({ kind: 'qrExpired' })
    const first = (await gateway.call<SessionStart>('POST', '/sessions/slow')).body
    expect(first).toMatchObject({ status: 'qr' })
    expect(await gateway.state('slow', 'expired')).toMatchObject({ linked: false, isLoggedIn: false, reason: expect.stringMatching(/nobody scanned/) })
    expect((await gateway.call('GET', '/sessions/slow/qr')).body).toEqual({ qr: null, expiresAt: null, state: 'expired' })
    const again = (await gateway.call<SessionStart>('POST', '/sessions/slow')).body
    expect(again).toMatchObject({ status: 'qr' })
    expect(again.qr).not.toBe(first.qr)
    await gateway.link('slow', '15550100003')
  })
})

describe('POST /sessions/:session_id/pairing-code', () => {
  refusesStrangers(gateway, 'POST', '/sessions/typed/pairing-code')
  refusesBadSessionIds(gateway, 'POST', '/pairing-code', { phone: '15550100004' })

  it.each([
    [undefined, '/body'], [{}, '/body/phone'], [{ phone: '' }, '/body/phone'], [{ phone: 'x' }, '/body/phone'], [{ phone: '0600' }, '/body/phone'], [{ phone: '+1 555 010 0004' }, '/body/phone'],
    [{ phone: 15_550_100_004 }, '/body/phone'], [{ phone: '1555010000412345' }, '/body/phone'], [{ phone: '15550100004', code: 'ABCD1234' }, '/body/code'], [['15550100004'], '/body'],
  ])('400 for the body %j', async (body, path) => {
    expect(await gateway.call('POST', '/sessions/typed/pairing-code', { body, headers: { 'content-type': 'application/json' } })).toBeProblem('VALIDATION_FAILED', path)
    expect(await gateway.call('GET', '/sessions/typed')).toBeProblem('SESSION_NOT_FOUND')
  })

  it('200: the code typed on the phone links the account', async () => {
    const phone = '15550100004'
    const { status, body } = await code('typed', `+${phone}`)
    expect([status, body]).toEqual([200, { code: expect.stringMatching(/^[A-Z0-9]{8}$/), expiresAt: expect.stringMatching(TIME) }])
    expect(Date.parse(body.expiresAt)).toBeGreaterThan(Date.now())
    expect(await gateway.session('typed')).toMatchObject({ state: 'pairing', linked: false })
    expect((await gateway.call('GET', '/sessions/typed/qr')).body).toMatchObject({ qr: null, state: 'pairing' })
    expect(await gateway.simulator.enterPairingCode(phone, body.code)).toMatchObject({ account: phone })
    expect(await gateway.state('typed', 'open')).toMatchObject({ isLoggedIn: true, user: { phone } })
    const { id } = await gateway.simulator.say('15550200001', { to: phone, type: 'text', text: 'linked?' })
    await gateway.message('typed', '15550200001', (message) => message.id === id && message.text === 'linked?')
  })

  it('409 when an account is linked already', async () => {
    expect(await code('typed', '15550100004')).toBeProblem('ALREADY_LINKED')
    expect(await gateway.session('typed')).toMatchObject({ state: 'open' })
  })

  it('a wrong code links nothing, and the right one still does', async () => {
    const phone = '15550100005'
    const { body } = await code('mistyped', phone)
    const wrong = body.code === 'ABCD1234' ? 'ABCD1235' : 'ABCD1234'
    await expect(gateway.simulator.enterPairingCode(phone, wrong)).rejects.toMatchObject({ code: 'CODE_WRONG' })
    expect(await gateway.session('mistyped')).toMatchObject({ linked: false })
    await gateway.simulator.enterPairingCode(phone, body.code)
    expect(await gateway.state('mistyped', 'open')).toMatchObject({ user: { phone } })
  })

  it('an attempt that was given up does not stand in the way of the next', async () => {
    const phone = '15550100006'
    const first = await code('fickle', phone)
    const second = await code('fickle', phone)
    expect(second.status).toBe(200)
    expect(second.body.code).not.toBe(first.body.code)
    await gateway.call('POST', '/sessions/fickle/stop')
    const third = await code('fickle', phone)
    expect(third.status).toBe(200)
    await gateway.simulator.enterPairingCode(phone, third.body.code)
    expect(await gateway.state('fickle', 'open')).toMatchObject({ user: { phone } })
  })

  it('after a code, the QR code links too', async () => {
    const phone = '15550100007'
    await code('undecided', phone)
    await gateway.call('POST', '/sessions/undecided/stop')
    expect(await gateway.link('undecided', phone)).toMatchObject({ state: 'open', user: { phone } })
  })

  it('a code that nobody types is told as expired, and the next attempt works', async () => {
    const phone = '15550100008'
    gateway.simulator.addFault({ kind: 'qrExpired', delayMs: 1500 })
    expect((await code('idle', phone)).status).toBe(200)
    expect(await gateway.state('idle', 'expired')).toMatchObject({ linked: false })
    const { body } = await code('idle', phone)
    await gateway.simulator.enterPairingCode(phone, body.code)
    await gateway.state('idle', 'open')
  })

  it('409 when the session stops instead of getting a code', async () => {
    gateway.simulator.addFault({ kind: 'httpError', times: 0 })
    const asked = code('stopping', '15550100009')
    await until(async () => (await gateway.session('stopping')).state === 'reconnecting', 'the connection to fail')
    await gateway.call('POST', '/sessions/stopping/stop')
    expect(await asked).toBeProblem('PAIRING_FAILED')
    gateway.simulator.clearFaults()
  })
})

it('leaves no trace of linking secrets in the answers', async () => {
  const { body } = await askRaw(gateway, 'GET', '/sessions', { 'x-api-key': API_KEY })
  expect(JSON.stringify(body)).not.toMatch(/key|secret|creds/i)
})
