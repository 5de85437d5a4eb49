import { proto, type WAMessage } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import type { Change, MessageRow } from '../../../src/store/store.ts'
import { echoes } from '../../../src/whatsapp/guard/echoes.ts'

const ANA = '15550000001@s.whatsapp.net'
const TIME = 1_760_000_000

const message = (id: string, pushName = 'Ana'): WAMessage => proto.WebMessageInfo.fromObject({ key: { remoteJid: ANA, id, fromMe: false }, pushName, messageTimestamp: TIME, message: { conversation: 'hello' } }) as WAMessage
const put = (id: string, sender = ANA): Change => ({ kind: 'message.put', message: { id, chatId: ANA, sender, timestamp: TIME } as MessageRow, touch: { unread: 1 } })
const step = (id: string, more: object = {}): object => ({ id: ANA, messages: [{ message: message(id) }], conversationTimestamp: TIME, unreadCount: 1, ...more })

/** A message A that was written. */
function scene() {
  const heard = echoes()
  heard.wrote(message('A'), [put('A')])
  return { ...heard, isChat: (update: object) => heard.isChat(update) }
}

describe('echoes', () => {
  it('a written message is old once, another one is not', () => {
    const { isMessage } = scene()
    expect([isMessage(message('B')), isMessage(message('A')), isMessage(message('A'))]).toEqual([false, true, false])
  })

  it("a chat's step is old as long as its message waits to be emitted", () => {
    const { isChat, isMessage } = scene()
    expect([isChat(step('A')), isChat(step('A', { unreadCount: undefined })), isChat(step('B'))]).toEqual([true, true, false])
    isMessage(message('A'))
    expect(isChat(step('A'))).toBe(false)
  })

  it('what is more than the step of a message is news', () => {
    const { isChat } = scene()
    const more = [{ unreadCount: 0 }, { unreadCount: -1 }, { unreadCount: null }, { archived: false }, { conversationTimestamp: TIME + 1 }, { conversationTimestamp: undefined }, { messages: [] }, { messages: undefined }, { name: 'Ana' }]
    expect(more.map((other) => isChat(step('A', other)))).toEqual(more.map(() => false))
  })

  it('the step of a message without a row that moves the chat is news', () => {
    const heard = scene()
    heard.wrote(message('C'), [{ kind: 'message.react', key: { chatId: ANA, id: 'A', sender: ANA }, from: ANA, emoji: '+', timestamp: TIME }])
    expect(heard.isChat(step('C'))).toBe(false)
  })

  it('the name that was written last is old, any other one is news', () => {
    const { isContact, wrote } = scene()
    expect([isContact({ id: ANA, notify: 'Ana' }), isContact({ id: ANA, notify: 'Ana', verifiedName: 'Ana Ltd' })]).toEqual([true, false])
    expect(isContact({ id: ANA, notify: 'Ana' })).toBe(false)
    wrote(message('B', 'Anita'), [put('B')])
    expect(isContact({ id: ANA, notify: 'Anita' })).toBe(true)
    expect([isContact({ id: ANA, notify: 'Ana' }), isContact({ id: ANA, notify: 'Anita' })]).toEqual([false, false])
    wrote(message('B', 'Anita'), [put('B')])
    expect([isContact({ id: ANA, imgUrl: 'changed' }), isContact({ id: ANA, notify: 'Anita' })]).toEqual([false, false])
  })

  it("the name of a direct chat's author is old, whose participant Baileys gives as ''", () => {
    const { isContact, wrote } = scene()
    wrote({ ...message('B', 'Anita'), key: { remoteJid: ANA, id: 'B', fromMe: false, participant: '' } }, [put('B')])
    expect(isContact({ id: ANA, notify: 'Anita' })).toBe(true)
  })

  it('a name is news when others told names meanwhile, or when it came without a row of that person', () => {
    const { isContact, wrote, forgetNames } = scene()
    forgetNames()
    expect(isContact({ id: ANA, notify: 'Ana' })).toBe(false)
    wrote(message('B'), [put('B', '')])
    expect(isContact({ id: ANA, notify: 'Ana' })).toBe(false)
    wrote(message('B'), [])
    expect(isContact({ id: ANA, notify: 'Ana' })).toBe(false)
  })
})
