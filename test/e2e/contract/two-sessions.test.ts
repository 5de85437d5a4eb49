import { beforeAll, describe, expect, it } from 'vitest'
import type { Chat } from '../../../schemas/chat.ts'
import type { Message, SentMessage } from '../../../schemas/message.ts'
import { allPages, lidOf, linkNamed, personOf, useGateway } from '../../support/rows.ts'

const gateway = useGateway()
const ONE = '15550100001'
const TWO = '15550100002'
const ANA = '15550200001'
const jid = (phone: string): string => `${phone}@s.whatsapp.net`

const send = async (session: string, chatId: string, text: string) => gateway.call<SentMessage>('POST', `/sessions/${session}/chats/${encodeURIComponent(chatId)}/messages`, { body: { text } })
const has = (session: string, chatId: string, id: string, fits: (message: Message) => boolean = () => true) => gateway.message(session, chatId, (message) => message.id === id && fits(message))
const chat = async (session: string, chatId: string) => gateway.call<Chat>('GET', `/sessions/${session}/chats/${encodeURIComponent(chatId)}`)
const one = () => personOf(gateway, ONE, 'Uno')
const two = () => personOf(gateway, TWO, 'Dos')

beforeAll(async () => {
  gateway.simulator.addContact({ phone: ANA, name: 'Ana' })
  await Promise.all([linkNamed(gateway, 'one', ONE, 'Uno'), linkNamed(gateway, 'two', TWO, 'Dos')])
})

describe('two sessions of one gateway', () => {
  it('write to each other, and each keeps its own copy', async () => {
    const { status, body } = await send('one', TWO, 'hello Dos')
    expect(status).toBe(201)
    expect(await has('two', ONE, body.messageId)).toMatchObject({ chatId: jid(ONE), from: one(), fromMe: false, text: 'hello Dos', state: null })
    expect(await has('one', TWO, body.messageId, ({ state }) => state === 'delivered')).toMatchObject({ chatId: jid(TWO), from: one(), fromMe: true, text: 'hello Dos' })
    const back = await send('two', ONE, 'hello Uno')
    expect(await has('one', TWO, back.body.messageId)).toMatchObject({ from: two(), fromMe: false, text: 'hello Uno' })
    expect((await gateway.messages('one', TWO)).map(({ text, fromMe }) => [text, fromMe])).toEqual([['hello Uno', false], ['hello Dos', true]])
    expect((await gateway.messages('two', ONE)).map(({ text, fromMe }) => [text, fromMe])).toEqual([['hello Uno', true], ['hello Dos', false]])
    expect((await chat('one', TWO)).body).toMatchObject({ name: 'Dos', unreadCount: 1 })
    expect((await chat('two', ONE)).body).toMatchObject({ name: 'Uno', unreadCount: 1 })
    expect(await chat('one', ONE)).toBeProblem('CHAT_NOT_FOUND')
  })

  it('reach each other under the LID too, in the same chat', async () => {
    const { body } = await send('one', `${lidOf(gateway, TWO)}@lid`, 'by LID')
    expect(await has('one', TWO, body.messageId)).toMatchObject({ chatId: jid(TWO) })
    expect(await has('two', ONE, body.messageId)).toMatchObject({ text: 'by LID' })
  })

  it('share a group: each its own copy with its own side', async () => {
    const { id } = gateway.simulator.createGroup({ subject: 'Shared', participants: [ANA, ONE, TWO] })
    const fromAna = await gateway.simulator.say(ANA, { to: id, type: 'text', text: 'hi both' })
    for (const session of ['one', 'two']) expect(await has(session, id, fromAna.id)).toMatchObject({ from: { phone: ANA, name: 'Ana' }, fromMe: false, text: 'hi both' })
    const { body } = await send('one', id, 'from Uno')
    expect(await has('two', id, body.messageId)).toMatchObject({ chatId: id, from: one(), fromMe: false, text: 'from Uno', state: null })
    expect(await has('one', id, body.messageId, ({ state }) => state === 'delivered')).toMatchObject({ chatId: id, from: one(), fromMe: true })
    expect((await chat('one', id)).body).toMatchObject({ name: 'Shared', unreadCount: 1 })
    expect((await chat('two', id)).body).toMatchObject({ name: 'Shared', unreadCount: 2 })
    expect((await chat('two', id)).body.participant).toEqual(expect.arrayContaining([one(), two(), personOf(gateway, ANA, 'Ana')]))
  })

  it('edits, reactions and deletions reach both copies', async () => {
    const { id } = gateway.simulator.createGroup({ subject: 'Changing', participants: [ANA, ONE, TWO] })
    const { body } = await send('one', id, 'react to me')
    await has('two', id, body.messageId)
    await gateway.simulator.react(TWO, body.messageId, '👏')
    for (const session of ['one', 'two']) expect((await has(session, id, body.messageId, ({ reactions }) => reactions.length > 0)).reactions).toMatchObject([{ from: two(), emoji: '👏' }])
    const said = await gateway.simulator.say(ANA, { to: id, type: 'text', text: 'wrong' })
    await gateway.simulator.edit(ANA, said.id, 'right')
    for (const session of ['one', 'two']) expect(await has(session, id, said.id, ({ edited }) => edited)).toMatchObject({ text: 'right' })
    await gateway.simulator.delete(ANA, said.id)
    for (const session of ['one', 'two']) expect(await has(session, id, said.id, ({ deleted }) => deleted)).toMatchObject({ text: null })
  })

  it('write to each other at the same time, and nothing is lost or doubled', async () => {
    const texts = Array.from({ length: 15 }, (_, number) => `burst ${number}`)
    const [ones, twos] = await Promise.all([
      Promise.all(texts.map((text) => send('one', TWO, text))),
      Promise.all(texts.map((text) => send('two', ONE, text))),
    ])
    for (const { body } of ones) await has('two', ONE, body.messageId, ({ fromMe }) => !fromMe)
    for (const { body } of twos) await has('one', TWO, body.messageId, ({ fromMe }) => !fromMe)
    for (const [session, other] of [['one', TWO], ['two', ONE]] as const) {
      const all = (await allPages<Message>(gateway, `/sessions/${session}/chats/${other}/messages?limit=200`)).flat().filter(({ text }) => text?.startsWith('burst'))
      expect(all).toHaveLength(30)
      expect(new Set(all.map(({ id }) => id)).size).toBe(30)
      expect(all.some(({ type }) => type === 'undecryptable')).toBe(false)
    }
  })

  it('stay apart when one goes: the other keeps everything', async () => {
    const before = await gateway.messages('two', ONE)
    expect((await gateway.call('DELETE', '/sessions/one')).body).toMatchObject({ remote: true })
    expect(await gateway.messages('two', ONE)).toEqual(before)
    expect((await send('two', ONE, 'are you there?')).status).toBe(201)
    expect(gateway.simulator.messagesOf(ONE).at(-1)).toMatchObject({ text: 'are you there?' })
  })

  it('two sessions of one account are two devices of it: each sees what the other sends', async () => {
    await linkNamed(gateway, 'second', TWO, 'Dos')
    const { body } = await send('second', ANA, 'from the second device')
    expect(await has('two', ANA, body.messageId)).toMatchObject({ fromMe: true, text: 'from the second device', from: two() })
    const { id } = await gateway.simulator.say(ANA, { to: TWO, type: 'text', text: 'to both' })
    for (const session of ['two', 'second']) expect(await has(session, ANA, id)).toMatchObject({ text: 'to both', fromMe: false })
  })
})
