import { onTestFinished } from 'vitest'
import { describe, expect, it } from 'vitest'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FAULT_KINDS } from '../../src/simulator/faults.ts'
import { FAULT_KINDS as DOCUMENTED_FAULT_KINDS } from '../../schemas/sandbox-world.ts'
import { testApp, type TestApp } from '../support/app.ts'

const ADA = '34600000001'
const LOLA = '+34600000009'

const sandbox = async (): Promise<TestApp> => {
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'puente-sandbox-'))
  onTestFinished(async () => rm(DATA_DIR, { recursive: true, force: true }))
  return testApp({ env: { SANDBOX: 'true', DATA_DIR } })
}
const post = async ({ ask }: TestApp, url: string, body?: unknown) => ask('POST', `/sandbox${url}`, body === undefined ? { headers: { 'content-type': 'application/json' } } : { body })

describe('the sandbox', () => {
  it('404 SANDBOX_OFF for every route when it is off', async () => {
    const app = await testApp()
    for (const [method, url, body] of [['GET', '', undefined], ['POST', '/reset', undefined], ['POST', '/scan', { qr: 'x' }], ['GET', '/faults', undefined]] as const) {
      const answer = await app.ask(method, `/sandbox${url}`, body === undefined ? {} : { body })
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, 'SANDBOX_OFF'])
    }
  })

  it('401 without the key', async () => {
    const app = await sandbox()
    expect((await app.ask('GET', '/sandbox', { key: null })).statusCode).toBe(401)
  })

  it('shows itself, and forgets everybody on reset', async () => {
    const app = await sandbox()
    await post(app, '/contacts', { phone: LOLA, name: 'Lola' })
    const shown = (await app.ask('GET', '/sandbox')).json<Record<string, unknown>>()
    expect(shown).toMatchObject({ controlUrl: null, accounts: [], contacts: [{ phone: '34600000009', name: 'Lola' }], groups: [], unknownStanzas: [] })
    expect(Buffer.from(String(shown['rootKey']), 'base64')).toHaveLength(32)
    const reset = await post(app, '/reset')
    expect([reset.statusCode, reset.json<{ contacts: unknown[]; rootKey: string }>().contacts]).toEqual([200, []])
    expect(reset.json<{ rootKey: string }>().rootKey).toBe(shown['rootKey'])
  })

  it('makes a contact, and keeps on update what the body leaves out', async () => {
    const app = await sandbox()
    const made = await post(app, '/contacts', { phone: LOLA, name: 'Lola', addressing: 'pn', autoReceipts: 'read' })
    expect([made.statusCode, made.json<unknown>()]).toMatchObject([200, { addressing: 'pn', autoReceipts: 'read', registered: true, answersRetries: true }])
    const updated = await post(app, '/contacts', { phone: '34600000009', about: 'Hi', registered: false })
    expect(updated.json<unknown>()).toMatchObject({ name: 'Lola', addressing: 'pn', autoReceipts: 'read', registered: false })
  })

  it('carries messages, reactions, edits and deletions of contacts', async () => {
    const app = await sandbox()
    for (const message of [
      { type: 'text', text: 'hello' }, { type: 'image', text: 'look' }, { type: 'voice' }, { type: 'location', latitude: 1, longitude: 2 },
      { type: 'contacts', contacts: [{ name: 'Ada', phone: ADA }] }, { type: 'poll', text: 'Yes?', options: ['a', 'b'] },
      { type: 'event', text: 'Party', startsAt: '2030-01-01T20:00:00Z' },
    ]) {
      const sent = await post(app, `/contacts/${LOLA}/messages`, { to: ADA, ...message })
      expect([sent.statusCode, typeof sent.json<{ id: string }>().id]).toEqual([201, 'string'])
    }
    const { id } = (await post(app, `/contacts/${LOLA}/messages`, { to: ADA, type: 'text', text: 'a tpyo', id: 'MINE0001' })).json<{ id: string }>()
    expect(id).toBe('MINE0001')
    expect((await post(app, `/contacts/${LOLA}/edits`, { messageId: id, text: 'a typo' })).statusCode).toBe(201)
    await expect.poll(async () => (await app.ask('GET', `/sandbox/contacts/${ADA}/messages`)).json<unknown[]>().length).toBe(9)
    expect((await post(app, `/contacts/${ADA}/reactions`, { messageId: id, emoji: '👍' })).statusCode).toBe(201)
    expect((await post(app, `/contacts/${ADA}/receipts`, { messageIds: [id], type: 'read' })).statusCode).toBe(204)
    expect((await post(app, `/contacts/${LOLA}/deletions`, { messageId: id })).statusCode).toBe(201)
    await expect.poll(async () => (await app.ask('GET', `/sandbox/contacts/${ADA}/messages`)).json<{ type: string }[]>().map(({ type }) => type)).toEqual(
      ['text', 'image', 'voice', 'location', 'contacts', 'poll', 'event', 'text', 'edit', 'delete'])
    await expect.poll(async () => (await app.ask('GET', `/sandbox/contacts/${LOLA}/messages`)).json<unknown[]>()).toMatchObject([{ type: 'reaction', text: '👍', target: id, copies: 1 }])
  })

  it('204 for presence; 400 for typing to nobody', async () => {
    const app = await sandbox()
    expect((await post(app, `/contacts/${LOLA}/presence`, { state: 'available' })).statusCode).toBe(204)
    expect((await post(app, `/contacts/${LOLA}/presence`, { state: 'composing', to: ADA })).statusCode).toBe(204)
    expect((await post(app, `/contacts/${LOLA}/presence`, { state: 'composing' })).statusCode).toBe(400)
  })

  it('makes groups and changes them', async () => {
    const app = await sandbox()
    const { id } = (await post(app, '/groups', { subject: 'Trip', participants: [LOLA, ADA] })).json<{ id: string }>()
    expect(id).toMatch(/@g\.us$/)
    const changed = await post(app, `/groups/${id}/participants`, { action: 'add', participants: ['+34600000010', ADA] })
    expect(changed.json<unknown>()).toEqual([{ phone: '34600000010', status: '200' }, { phone: ADA, status: '409' }])
    const edited = await app.ask('PATCH', `/sandbox/groups/${id}`, { body: { subject: 'Journey', announce: true, description: 'Far' } })
    expect([edited.statusCode, edited.json<unknown>()]).toMatchObject([200, { subject: 'Journey', participants: ['34600000009', ADA, '34600000010'] }])
    expect((await post(app, `/contacts/${ADA}/messages`, { to: id, type: 'text', text: 'may I?' })).statusCode).toBe(400)
    expect((await post(app, `/contacts/${LOLA}/messages`, { to: id, type: 'text', text: 'I may' })).statusCode).toBe(201)
    expect((await post(app, '/groups/120363999999999999/participants', { action: 'add', participants: [ADA] })).statusCode).toBe(404)
  })

  it('invents a past', async () => {
    const app = await sandbox()
    const made = await post(app, '/history', { account: ADA, chats: 3, messagesPerChat: 5 })
    expect([made.statusCode, made.json<{ chats: string[]; messages: number }>()]).toMatchObject([201, { messages: 15 }])
  })

  it('changes chats as the owner of an account, and shows the settings', async () => {
    const app = await sandbox()
    await post(app, '/history', { account: ADA, chats: 1, messagesPerChat: 1 })
    expect((await post(app, `/accounts/${ADA}/chats`, { chat: LOLA, archived: true, pinned: false, mutedUntil: '2030-01-01T00:00:00Z', contactName: 'Lola Friend' })).statusCode).toBe(204)
    const settings = (await app.ask('GET', `/sandbox/accounts/${ADA}/settings`)).json<{ index: string[]; value: Record<string, unknown> }[]>()
    expect(settings.map(({ index }) => index[0])).toEqual(['contact', 'mute', 'archive', 'pin_v1'])
    expect(settings[1]?.value).toMatchObject({ muteAction: { muted: true } })
    expect((await post(app, `/accounts/${ADA}/chats`, { chat: LOLA })).statusCode).toBe(400)
    expect((await app.ask('GET', '/sandbox/accounts/34699999999/settings')).statusCode).toBe(404)
  })

  it('rings, hangs up, and 404 for calls and devices that are not there', async () => {
    const app = await sandbox()
    await post(app, '/history', { account: ADA, chats: 1, messagesPerChat: 1 })
    const { id } = (await post(app, `/contacts/${LOLA}/calls`, { to: ADA, video: true })).json<{ id: string }>()
    expect((await app.ask('DELETE', `/sandbox/calls/${id}`)).statusCode).toBe(204)
    expect((await app.ask('DELETE', `/sandbox/calls/${id}`)).statusCode).toBe(404)
    expect((await app.ask('DELETE', `/sandbox/accounts/${ADA}/devices/1`)).statusCode).toBe(404)
  })

  it('arms, lists and clears faults', async () => {
    const app = await sandbox()
    expect((await post(app, '/faults', { kind: 'ackError', code: 479, times: 0, account: LOLA })).json<unknown>()).toMatchObject({ kind: 'ackError', account: '34600000009', struck: 0, left: null })
    expect((await app.ask('GET', '/sandbox/faults')).json<unknown[]>()).toHaveLength(1)
    expect((await app.ask('DELETE', '/sandbox/faults')).statusCode).toBe(204)
    expect((await app.ask('GET', '/sandbox/faults')).json<unknown[]>()).toEqual([])
    expect([...DOCUMENTED_FAULT_KINDS].toSorted()).toEqual([...FAULT_KINDS].toSorted())
  })

  it('400 for bodies that are not what they should be', async () => {
    const app = await sandbox()
    for (const [url, body] of [
      ['/scan', {}], ['/scan', { qr: 'x', more: 1 }], ['/contacts', { phone: 'Lola' }], ['/contacts', { phone: LOLA, addressing: 'x' }],
      [`/contacts/${LOLA}/messages`, { to: ADA, type: 'text' }], [`/contacts/${LOLA}/messages`, { to: ADA, type: 'shout', text: 'x' }],
      [`/contacts/${LOLA}/messages`, { to: 'nobody', type: 'text', text: 'x' }], ['/groups', { subject: '', participants: [ADA] }],
      ['/history', { account: ADA, chats: 0, messagesPerChat: 1 }], ['/faults', { kind: 'earthquake' }], ['/pairing-code', { phone: ADA, code: '12' }],
    ] as const) {
      const answer = await post(app, url, body)
      expect([url, answer.statusCode, answer.json<{ code: string }>().code]).toEqual([url, 400, 'VALIDATION_FAILED'])
    }
  })

  it('404 for a QR, a code, a message or a phone that nobody has', async () => {
    const app = await sandbox()
    for (const answer of [
      await post(app, '/scan', { qr: 'https://wa.me/settings/linked_devices#2@x,a,b,c,1' }),
      await post(app, '/pairing-code', { phone: ADA, code: 'ABCD-1234' }),
      await post(app, `/contacts/${LOLA}/reactions`, { messageId: 'NONE', emoji: 'x' }),
      await app.ask('GET', '/sandbox/contacts/34699999999/messages'),
    ]) expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, 'SANDBOX_TARGET_NOT_FOUND'])
  })
})
