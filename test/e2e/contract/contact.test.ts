import { beforeAll, describe, expect, it } from 'vitest'
import type { Contact } from '../../../schemas/contact.ts'
import type { ContactCheck } from '../../../schemas/contact-check.ts'
import { samplePng } from '../../../src/simulator/samples.ts'
import { acrossDrop, lidOf, linkNamed, personOf, refusesBadChatIds, refusesBadSessionIds, refusesStrangers, refusesUnknownSessions, useGateway } from '../../support/rows.ts'
import { until } from '../../support/wait.ts'

const gateway = useGateway()
const OWNER = '15550100001'
const ANA = '15550200001'
const STRANGER = '15550200002'
const SHOP = '15550200003'
const NOBODY = '15559999998'
const contact = async (id: string, session = 'home') => gateway.call<Contact>('GET', `/sessions/${session}/chats/${encodeURIComponent(id)}/contact`)
const BLANK = { pushname: null, verifiedName: null, shortName: null, profilePicThumbObj: null, status: null, lastSeen: null, businessProfile: null }

beforeAll(async () => {
  gateway.simulator.addContact({ phone: ANA, name: 'Ana', addressing: 'lid' })
  gateway.simulator.addContact({ phone: STRANGER, name: 'Stranger' })
  gateway.simulator.addContact({ phone: NOBODY, name: 'Nobody', registered: false })
  await linkNamed(gateway, 'home', OWNER, 'Olga')
  await gateway.call('POST', '/sessions/unlinked')
  const { id } = await gateway.simulator.say(ANA, { to: OWNER, type: 'text', text: 'hello' })
  await gateway.message('home', ANA, (message) => message.id === id)
})

describe('GET /sessions/:session_id/chats/:chat_id/contact', () => {
  refusesStrangers(gateway, 'GET', `/sessions/home/chats/${ANA}/contact`)
  refusesBadSessionIds(gateway, 'GET', `/chats/${ANA}/contact`)
  refusesUnknownSessions(gateway, 'GET', `/chats/${ANA}/contact`)
  refusesBadChatIds(gateway, 'GET', 'home', '/contact')

  it('200 for somebody who wrote, under every name', async () => {
    const { status, body } = await contact(ANA)
    expect([status, body]).toEqual([200, { ...BLANK, ...personOf(gateway, ANA, 'Ana'), pushname: 'Ana', isOnWhatsApp: true }])
    for (const name of [`+${ANA}`, `${ANA}@s.whatsapp.net`, `${lidOf(gateway, ANA)}@lid`]) expect((await contact(name)).body).toEqual(body)
  })

  it('200 for a valid number without a chat, and none is made', async () => {
    expect(await contact(STRANGER)).toMatchObject({ status: 200, body: { ...BLANK, id: `${STRANGER}@s.whatsapp.net`, phone: STRANGER, name: null, isOnWhatsApp: true } })
    expect(await gateway.call('GET', `/sessions/home/chats/${STRANGER}`)).toBeProblem('CHAT_NOT_FOUND')
  })

  it.each([NOBODY, '15559999997'])('200 for %s, which is not on WhatsApp', async (phone) => {
    expect((await contact(phone)).body).toEqual({ ...BLANK, id: `${phone}@s.whatsapp.net`, phone, lid: null, name: null, isOnWhatsApp: false })
  })

  it('200 with picture and about, as they are now', async () => {
    await gateway.simulator.setPicture(ANA, samplePng(32))
    gateway.simulator.setAbout(ANA, 'At the sea 🌊')
    const { body } = await contact(ANA)
    expect(body).toMatchObject({ profilePicThumbObj: { eurl: expect.stringMatching(/^https:\/\//) }, status: 'At the sea 🌊' })
    await gateway.simulator.setPicture(ANA, undefined)
    gateway.simulator.setAbout(ANA, '')
    expect((await contact(ANA)).body).toMatchObject({ profilePicThumbObj: null, status: null })
  })

  it('200 without a picture that is hidden', async () => {
    await gateway.simulator.setPicture(STRANGER, samplePng(32))
    const account = gateway.simulator.world.accounts.ensure({ phone: STRANGER })
    account.privacy['profile'] = 'none'
    expect((await contact(STRANGER)).body).toMatchObject({ profilePicThumbObj: null, isOnWhatsApp: true })
  })

  it('200 with the profile of a business', async () => {
    gateway.simulator.addContact({ phone: SHOP, name: 'Panadería' })
    gateway.simulator.setBusiness(SHOP, { description: 'Bread, daily', address: 'Calle Larios 1, Málaga', email: 'pan@example.com', website: 'https://example.com', category: 'Bakery' })
    expect((await contact(SHOP)).body.businessProfile).toEqual({ description: 'Bread, daily', address: 'Calle Larios 1, Málaga', email: 'pan@example.com', category: 'Bakery', websites: ['https://example.com'] })
    gateway.simulator.setBusiness(SHOP, {})
    expect((await contact(SHOP)).body.businessProfile).toEqual({ description: null, address: null, email: null, category: null, websites: [] })
    gateway.simulator.setBusiness(SHOP, undefined)
    expect((await contact(SHOP)).body.businessProfile).toBeNull()
  })

  it('200 for oneself', async () => {
    expect((await contact(OWNER)).body).toMatchObject({ ...personOf(gateway, OWNER, 'Olga'), isOnWhatsApp: true })
  })

  it('200 with what people call themselves now', async () => {
    gateway.simulator.addContact({ phone: ANA, name: 'Anita' })
    await gateway.simulator.say(ANA, { to: OWNER, type: 'text', text: 'new name' })
    expect(await until(async () => (await contact(ANA)).body.name === 'Anita' && (await contact(ANA)).body, 'the new name')).toMatchObject({ name: 'Anita', pushname: 'Anita' })
  })

  it('200 with null for what WhatsApp does not answer', async () => {
    gateway.simulator.addFault({ kind: 'usyncTimeout', account: OWNER, times: 0 })
    const { status, body } = await acrossDrop(gateway, 'home', async () => {
      const asked = contact(STRANGER)
      await until(() => (gateway.simulator.faults()[0]?.struck ?? 0) > 0, 'the question')
      gateway.simulator.clearFaults()
      gateway.simulator.addFault({ kind: 'drop', account: OWNER })
      return asked
    })
    expect([status, body]).toMatchObject([200, { phone: STRANGER, isOnWhatsApp: null, status: null }])
  })

  it('400 for a group', async () => {
    const { id } = gateway.simulator.createGroup({ subject: 'All', participants: [ANA, OWNER] })
    expect(await contact(id)).toBeProblem('VALIDATION_FAILED', '/params/chat_id')
  })

  it('200 before linking, or when not connected, with what is known here', async () => {
    expect((await contact(ANA, 'unlinked')).body).toEqual({ ...BLANK, id: `${ANA}@s.whatsapp.net`, phone: ANA, lid: null, name: null, isOnWhatsApp: null })
    await gateway.call('POST', '/sessions/home/stop')
    expect((await contact(ANA)).body).toEqual({ ...BLANK, ...personOf(gateway, ANA, 'Anita'), pushname: 'Anita', isOnWhatsApp: null })
  })
})

describe('POST /sessions/:session_id/contacts/check', () => {
  const PATH = '/sessions/home/contacts/check'
  const check = (phones: unknown, path = PATH) => gateway.call<ContactCheck[]>('POST', path, { body: { phones } })
  beforeAll(async () => {
    await gateway.call('POST', '/sessions/home')
    await gateway.state('home', 'open')
  })
  refusesStrangers(gateway, 'POST', PATH)

  it('200: who has an account, and under which form of the number, in the order of asking', async () => {
    // Known under the form without the ninth digit.
    gateway.simulator.addContact({ phone: '551187654321', name: 'Bia' })
    const { status, body } = await check([`+${ANA}`, NOBODY, '+5511987654321', STRANGER])
    expect(status).toBe(200)
    expect(body).toEqual([
      { asked: `+${ANA}`, onWhatsApp: true, id: `${ANA}@s.whatsapp.net`, phone: ANA },
      { asked: NOBODY, onWhatsApp: false, id: null, phone: null },
      { asked: '+5511987654321', onWhatsApp: true, id: '551187654321@s.whatsapp.net', phone: '551187654321' },
      { asked: STRANGER, onWhatsApp: true, id: `${STRANGER}@s.whatsapp.net`, phone: STRANGER },
    ])
  })

  it.each([[[], '/body/phones'], [['none'], '/body/phones/0'], [[ANA, ANA], '/body/phones'], [Array.from({ length: 51 }, (_, place) => String(15_550_000_000 + place)), '/body/phones']])('400 for %j', async (phones, path) => {
    expect(await check(phones)).toBeProblem('VALIDATION_FAILED', path)
  })

  it('409 before linking', async () => {
    expect(await check([ANA], '/sessions/unlinked/contacts/check')).toBeProblem('NOT_LINKED')
  })

  it('503 when WhatsApp does not say, never a no', async () => {
    gateway.simulator.addFault({ kind: 'usyncTimeout', account: OWNER, times: 0 })
    expect(await check([ANA])).toBeProblem('WHATSAPP_UNAVAILABLE')
    gateway.simulator.clearFaults('usyncTimeout')
    expect((await check([ANA])).status).toBe(200)
  }, 60_000)
})
