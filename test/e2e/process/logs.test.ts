import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Message } from '../../../schemas/message.ts'
import type { Session, SessionStart } from '../../../schemas/session.ts'
import { killGateways, startGatewayProcess } from '../../support/gateway-process.ts'
import { startLoneSimulator, type LoneSimulator } from '../../support/lone-simulator.ts'
import { tempFolder } from '../../support/temp.ts'
import { assertNothingUnknown } from '../../support/unknown-stanzas.ts'
import { until } from '../../support/wait.ts'

const OWNER = '15551000001'
const FRIEND = '15551100001'

let simulator: LoneSimulator
beforeAll(async () => {
  simulator = await startLoneSimulator()
})
afterAll(async () => {
  await killGateways()
  const manifest = await simulator.control<{ unknownStanzas: { what: string; count: number }[] }>('GET', '/sandbox')
  await simulator.stop()
  assertNothingUnknown(manifest)
})

/** Words that are found nowhere but where they do not belong. */
const canary = {
  key: 'canarykey0123456789abcdef',
  wrongKey: 'canarywrongkey0123456789',
  ownName: 'Canaryowner',
  friendName: 'Canaryfriend',
  sent: 'canarysent',
  received: 'canaryreceived',
  edited: 'canaryedited',
  caption: 'canarycaption',
  unreadable: 'canaryunreadable',
  refused: 'canaryrefused',
  tooLong: 'canarytoolong',
  groupSubject: 'Canarygroup',
}

it.each(['debug', 'trace'])('at LOG_LEVEL=%s no text, name, key or code is written anywhere', async (level) => {
  const folder = tempFolder()
  const gateway = await startGatewayProcess({ API_KEY: canary.key, DATA_DIR: folder, SANDBOX: simulator.controlUrl, LOG_LEVEL: level })
  const chat = `/sessions/one/chats/${FRIEND}/messages`
  const find = (fits: (message: Message) => boolean) => until(async () => {
    const { status, body } = await gateway.call<Message[]>('GET', chat)
    return status === 200 && body.find(fits)
  }, 'a message')
  const isOpen = async (): Promise<boolean> => (await gateway.call<Session>('GET', '/sessions/one')).body.isLoggedIn
  const speak = (speech: object) => simulator.control<{ id: string }>('POST', `/sandbox/contacts/${FRIEND}/messages`, { to: OWNER, ...speech })
  const strike = (fault: object) => simulator.control('POST', '/sandbox/faults', { account: OWNER, ...fault })

  await gateway.call('GET', '/sessions', { headers: { 'x-api-key': canary.wrongKey } })
  await simulator.control('POST', '/sandbox/contacts', { phone: FRIEND, name: canary.friendName })
  const typed = await gateway.call<{ code: string }>('POST', '/sessions/typed/pairing-code', { body: { phone: '15551000009' } })
  await gateway.call<SessionStart>('POST', '/sessions/one')
  const { body: { qr } } = await gateway.call<{ qr: string }>('GET', '/sessions/one/qr')
  await simulator.scan(qr, { phone: OWNER, name: canary.ownName })
  await until(isOpen, 'the session to be open')

  const written = await speak({ type: 'text', text: canary.received })
  await find(({ text }) => text === canary.received)
  await simulator.control('POST', `/sandbox/contacts/${FRIEND}/edits`, { messageId: written.id, text: canary.edited })
  await find(({ text }) => text === canary.edited)
  await speak({ type: 'image', text: canary.caption })
  await find(({ text }) => text === canary.caption)
  await strike({ kind: 'corruptCiphertext' })
  await speak({ type: 'text', text: canary.unreadable })
  await find(({ text }) => text === canary.unreadable)
  await simulator.control('POST', '/sandbox/groups', { subject: canary.groupSubject, participants: [FRIEND, OWNER] })
  expect((await gateway.call('POST', chat, { body: { text: canary.sent } })).status).toBe(201)
  await strike({ kind: 'ackError' })
  expect((await gateway.call('POST', chat, { body: { text: canary.refused } })).status).toBe(422)
  expect((await gateway.call('POST', chat, { body: { text: canary.tooLong.padEnd(70_000, 'x') } })).status).toBe(422)
  expect((await gateway.call('POST', chat, { body: { text: canary.sent, surplus: canary.sent } })).status).toBe(400)
  await gateway.call('PUT', '/sessions/one/chats/refresh')
  for (const kind of ['garbageFrame', 'streamError']) {
    await strike({ kind })
    await until(async () => !(await isOpen()), `${kind} to be noticed`)
    await until(isOpen, 'the session to be open again')
  }
  await gateway.call('DELETE', '/sessions/one')
  expect(await gateway.end()).toEqual({ code: 0, signal: null })

  const output = gateway.stdout() + gateway.stderr()
  // It did log, so the words had their chance.
  expect(output).toContain('"msg":"request"')
  expect(output.length).toBeGreaterThan(5000)
  const secrets = { ...canary, qr, ...Object.fromEntries(qr.split(',').map((part, place) => [`part ${place} of the QR code`, part])), code: typed.body.code, codeShown: typed.body.code.replace(/^(....)/, '$1-') }
  const leaks = Object.entries(secrets).filter(([, secret]) => secret.length > 6 && output.toLowerCase().includes(secret.toLowerCase()))
  expect(leaks).toEqual([])
  expect(output).not.toMatch(/privKey|rootKey|ephemeralKey|chainKey|signedPreKey|<Buffer|advSecret/)
})
