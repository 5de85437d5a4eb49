import { describe, expect, it } from 'vitest'
import type { Session, SessionLogout, SessionRemoval, SessionStart } from '../../../schemas/session.ts'
import { allPages, askRaw, linkNamed, personOf, refusesBadSessionIds, refusesStrangers, refusesUnknownSessions, TIME, useGateway } from '../../support/rows.ts'
import { API_KEY } from '../../support/gateway.ts'
import { until } from '../../support/wait.ts'

const gateway = useGateway()
const OWNER = '15550100001'
const EMPTY_JSON = { 'x-api-key': API_KEY, 'content-type': 'application/json' }

/** Devices linked to the account of this phone in the simulator's world. */
const devicesOf = (phone: string) => gateway.simulator.manifest().accounts.find((account) => account.phone === phone)?.devices ?? []

describe('POST /sessions/:session_id', () => {
  refusesStrangers(gateway, 'POST', '/sessions/a')
  refusesBadSessionIds(gateway, 'POST')

  it('200 with a QR code for a new session', async () => {
    const { status, body } = await gateway.call<SessionStart>('POST', '/sessions/fresh')
    expect([status, body]).toEqual([200, { status: 'qr', state: 'qr', reason: null, qr: expect.stringMatching(/^data:image\/png;base64,iVBORw0KGgo/), expiresAt: expect.stringMatching(TIME) }])
    expect(Date.parse(body.expiresAt ?? '')).toBeGreaterThan(Date.now())
  })

  it('200 with the same QR code when asked again', async () => {
    const codes = await Promise.all([1, 2].map(async () => (await gateway.call<SessionStart>('POST', '/sessions/fresh')).body.qr))
    expect(codes[0]).toBe(codes[1])
  })

  it('200 already_logged_in when linked and open', async () => {
    await linkNamed(gateway, 'open', OWNER, 'Olga')
    const { status, body } = await gateway.call<SessionStart>('POST', '/sessions/open')
    expect([status, body]).toEqual([200, { status: 'already_logged_in', state: 'open', reason: null, qr: null, expiresAt: null }])
  })

  it('200 for a JSON content type without a body', async () => {
    expect(await askRaw(gateway, 'POST', '/sessions/open', EMPTY_JSON)).toMatchObject({ status: 200, body: { status: 'already_logged_in' } })
    expect(await askRaw(gateway, 'POST', '/sessions/open', EMPTY_JSON, '')).toMatchObject({ status: 200 })
  })

  it('200 with the state as it is when told not to wait', async () => {
    const { status, body } = await gateway.call<SessionStart>('POST', '/sessions/hasty?wait=0')
    expect(status).toBe(200)
    expect(['starting', 'qr']).toContain(body.status)
    await gateway.state('hasty', 'qr')
  })

  it('200 at once, in words, while WhatsApp cannot be reached', async () => {
    gateway.simulator.addFault({ kind: 'httpError', times: 0 })
    const { status, body } = await gateway.call<SessionStart>('POST', '/sessions/unlucky?wait=1')
    gateway.simulator.clearFaults()
    expect([status, body]).toMatchObject([200, { status: 'reconnecting', reason: expect.stringMatching(/lost/), qr: null }])
    await gateway.call('DELETE', '/sessions/unlucky')
  })

  it('two at once start one socket', async () => {
    const [one, two] = await Promise.all([gateway.call<SessionStart>('POST', '/sessions/twice'), gateway.call<SessionStart>('POST', '/sessions/twice')])
    expect([one.status, two.status, one.body.status]).toEqual([200, 200, 'qr'])
    expect(one.body.qr).toBe(two.body.qr)
    await gateway.link('twice', '15550100002')
    // A second socket would have replaced the first one as soon as both logged in.
    expect(devicesOf('15550100002')).toMatchObject([{ online: true }])
    expect(await gateway.session('twice')).toMatchObject({ state: 'open' })
  })

  it('409 when the session is removed while the call waits', async () => {
    gateway.simulator.addFault({ kind: 'httpError', times: 0 })
    const started = gateway.call('POST', '/sessions/short-lived')
    await until(async () => (await gateway.session('short-lived')).state === 'reconnecting', 'the connection to fail')
    expect((await gateway.call('DELETE', '/sessions/short-lived')).status).toBe(200)
    expect(await started).toBeProblem('SESSION_REMOVED')
    gateway.simulator.clearFaults()
  })

  it.each(['wait=26', 'wait=-1', 'wait=soon', 'colour=red'])('400 for ?%s', async (query) => {
    expect(await gateway.call('POST', `/sessions/a?${query}`)).toBeProblem('VALIDATION_FAILED', `/query/${query.split('=')[0] ?? ''}`)
  })
})

describe('GET /sessions', () => {
  refusesStrangers(gateway, 'GET', '/sessions')

  it('200 with every session, newest first, page by page', async () => {
    const whole = await gateway.call<Session[]>('GET', '/sessions')
    expect(whole.status).toBe(200)
    expect(whole.body.map(({ id }) => id)).toEqual(['twice', 'hasty', 'open', 'fresh'])
    expect(whole.body.find(({ id }) => id === 'open')).toMatchObject({ isLoggedIn: true, user: { id: `${OWNER}@s.whatsapp.net`, name: 'Olga' } })
    expect(whole.body.find(({ id }) => id === 'fresh')).toMatchObject({ isLoggedIn: false, user: null })
    const pages = await allPages<Session>(gateway, '/sessions?limit=3')
    expect(pages.map((page) => page.length)).toEqual([3, 1])
    expect(pages.flat()).toEqual(whole.body)
  })

  it.each(['limit=0', 'limit=201', 'limit=1.5', 'limit=x', 'limit=', 'cursor=', 'cursor=nonsense', 'page=2'])('400 for ?%s', async (query) => {
    expect(await gateway.call('GET', `/sessions?${query}`)).toBeProblem('VALIDATION_FAILED', `/query/${query.split('=')[0] ?? ''}`)
  })
})

describe('GET /sessions/:session_id', () => {
  refusesStrangers(gateway, 'GET', '/sessions/open')
  refusesBadSessionIds(gateway, 'GET')
  refusesUnknownSessions(gateway, 'GET')

  it('200 with the linked account', async () => {
    const { status, body } = await gateway.call<Session>('GET', '/sessions/open')
    expect([status, body]).toEqual([200, {
      id: 'open', isLoggedIn: true, linked: true, state: 'open', reason: null, stateSince: expect.stringMatching(TIME), createdAt: expect.stringMatching(TIME),
      user: personOf(gateway, OWNER, 'Olga'),
    }])
  })

  it('200 before linking, without an account', async () => {
    expect((await gateway.call<Session>('GET', '/sessions/fresh')).body).toEqual({
      id: 'fresh', isLoggedIn: false, linked: false, state: 'qr', reason: null, stateSince: expect.stringMatching(TIME), createdAt: expect.stringMatching(TIME), user: null,
    })
  })
})

describe('POST /sessions/:session_id/stop and /restart', () => {
  describe('stop', () => {
    refusesStrangers(gateway, 'POST', '/sessions/open/stop')
    refusesBadSessionIds(gateway, 'POST', '/stop')
    refusesUnknownSessions(gateway, 'POST', '/stop')
  })
  describe('restart', () => {
    refusesStrangers(gateway, 'POST', '/sessions/open/restart')
    refusesBadSessionIds(gateway, 'POST', '/restart')
    refusesUnknownSessions(gateway, 'POST', '/restart')
  })

  it('200: stopped keeps the link, and starting again needs no QR code', async () => {
    const stopped = await askRaw(gateway, 'POST', '/sessions/open/stop', EMPTY_JSON)
    expect(stopped).toMatchObject({ status: 200, body: { id: 'open', state: 'stopped', isLoggedIn: false, linked: true, user: { phone: OWNER } } })
    await until(() => devicesOf(OWNER).every(({ online }) => !online), 'the socket to close')
    expect((await gateway.call<Session>('POST', '/sessions/open/stop')).body).toMatchObject({ state: 'stopped' })
    expect((await gateway.call('POST', '/sessions/open')).body).toMatchObject({ status: 'already_logged_in' })
  })

  it('200: restarted is connected again', async () => {
    const before = await gateway.session('open')
    expect(await askRaw(gateway, 'POST', '/sessions/open/restart', EMPTY_JSON)).toMatchObject({ status: 200, body: { state: 'open', linked: true } })
    expect(Date.parse((await gateway.session('open')).stateSince)).toBeGreaterThan(Date.parse(before.stateSince))
    expect(devicesOf(OWNER)).toMatchObject([{ online: true }])
  })

  it('200: a stopped session shows no QR code and starts with another one', async () => {
    expect((await gateway.call<Session>('POST', '/sessions/hasty/stop')).body).toMatchObject({ state: 'stopped', linked: false })
    expect((await gateway.call('GET', '/sessions/hasty/qr')).body).toEqual({ qr: null, expiresAt: null, state: 'stopped' })
    expect((await gateway.call('POST', '/sessions/hasty')).body).toMatchObject({ status: 'qr' })
  })
})

describe('POST /sessions/:session_id/logout', () => {
  refusesStrangers(gateway, 'POST', '/sessions/open/logout')
  refusesBadSessionIds(gateway, 'POST', '/logout')
  refusesUnknownSessions(gateway, 'POST', '/logout')

  it('200: WhatsApp forgets the device, the chats stay, and another link works', async () => {
    const phone = '15550100003'
    await gateway.link('leaver', phone)
    const { id } = await gateway.simulator.say('15550200001', { to: phone, type: 'text', text: 'stay' })
    await gateway.message('leaver', '15550200001', (message) => message.id === id)
    await gateway.call('POST', '/sessions/leaver/chats/15550200001/messages', { body: { text: 'ours' } })
    const { status, body } = (await askRaw(gateway, 'POST', '/sessions/leaver/logout', EMPTY_JSON)) as { status: number; body: SessionLogout }
    expect([status, body]).toMatchObject([200, { status: 'logged_out', remote: true, session: { id: 'leaver', linked: false, isLoggedIn: false, user: null } }])
    expect(devicesOf(phone)).toEqual([])
    expect((await gateway.messages('leaver', '15550200001')).map(({ text, fromMe, from }) => [text, fromMe, from.phone])).toEqual([['ours', true, phone], ['stay', false, '15550200001']])
    await gateway.link('leaver', phone)
    expect(devicesOf(phone)).toHaveLength(1)
  })

  it('200 with remote false when nothing is linked', async () => {
    expect((await gateway.call<SessionLogout>('POST', '/sessions/hasty/logout')).body).toMatchObject({ status: 'logged_out', remote: false })
  })

  it('is what the phone can do too: the state says so, and POST links anew', async () => {
    gateway.simulator.unlink('15550100003')
    const gone = await gateway.state('leaver', 'logged_out')
    expect(gone).toMatchObject({ linked: false, isLoggedIn: false, user: null, reason: expect.stringMatching(/removed/) })
    expect((await gateway.call<SessionStart>('POST', '/sessions/leaver')).body).toMatchObject({ status: 'qr' })
  })
})

describe('DELETE /sessions/:session_id', () => {
  refusesStrangers(gateway, 'DELETE', '/sessions/open')
  refusesBadSessionIds(gateway, 'DELETE')
  refusesUnknownSessions(gateway, 'DELETE')

  it('200 with remote true: WhatsApp forgets the device, and the session is gone', async () => {
    const { status, body } = (await askRaw(gateway, 'DELETE', '/sessions/open', EMPTY_JSON)) as { status: number; body: SessionRemoval }
    expect([status, body]).toEqual([200, { status: 'logged_out', remote: true }])
    expect(devicesOf(OWNER)).toEqual([])
    expect(await gateway.call('GET', '/sessions/open')).toBeProblem('SESSION_NOT_FOUND')
    expect(await gateway.call('DELETE', '/sessions/open')).toBeProblem('SESSION_NOT_FOUND')
  })

  it('200 with remote false for a session that shows a QR code, which then leads nowhere', async () => {
    const { qr } = (await gateway.call<{ qr: string }>('GET', '/sessions/fresh/qr')).body
    expect((await gateway.call('DELETE', '/sessions/fresh')).body).toEqual({ status: 'logged_out', remote: false })
    await until(() => gateway.simulator.scan(qr, { phone: '15550100009' }).then(() => false, (error: { code?: string }) => error.code === 'QR_UNKNOWN'), 'the code to be worthless')
    expect(await gateway.call('GET', '/sessions/fresh')).toBeProblem('SESSION_NOT_FOUND')
  })

  it('200 while the phone is linking, and the next session of that name links', async () => {
    const phone = '15550100004'
    await gateway.call('POST', '/sessions/quick')
    const { qr } = (await gateway.call<{ qr: string }>('GET', '/sessions/quick/qr')).body
    const scanned = gateway.simulator.scan(qr, { phone }).catch(() => null)
    expect(await gateway.call('DELETE', '/sessions/quick')).toMatchObject({ status: 200, body: { status: 'logged_out' } })
    await scanned
    expect(await gateway.call('GET', '/sessions/quick')).toBeProblem('SESSION_NOT_FOUND')
    await gateway.link('quick', phone)
    expect(await gateway.session('quick')).toMatchObject({ state: 'open', user: { phone } })
  })

  it('200 with remote false within 10 seconds when WhatsApp does not answer', async () => {
    const phone = '15550100005'
    await gateway.link('silent', phone)
    gateway.simulator.addFault({ kind: 'silentIq', account: phone, xmlns: 'md', times: 0 })
    const before = Date.now()
    expect((await gateway.call('DELETE', '/sessions/silent')).body).toEqual({ status: 'logged_out', remote: false })
    expect(Date.now() - before).toBeLessThan(12_000)
    gateway.simulator.clearFaults()
    expect(await gateway.call('GET', '/sessions/silent')).toBeProblem('SESSION_NOT_FOUND')
  })
})
