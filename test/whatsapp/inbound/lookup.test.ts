import { proto, type WAMessage } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { openMemory } from '../../../src/store/memory.ts'
import type { Change, ContactReader, Store } from '../../../src/store/store.ts'
import { convertKnown } from '../../../src/whatsapp/inbound/lookup.ts'

const LID = '111000111000111'
const PHONE = '15550000001'
const OWN = { phone: null, lid: null }

/** A store that knows a contact at once, or only when asked; counts how often it is asked. */
async function scene(isAtHand: boolean, ...known: Change[]) {
  const store = openMemory()
  await store.commit('s', known)
  let asked = 0
  const contacts: ContactReader = {
    get(sessionId, ids) {
      asked += 1
      return store.contacts.get(sessionId, ids)
    },
    atHand: (sessionId, id) => (isAtHand ? store.contacts.atHand(sessionId, id) : undefined),
  }
  let conversions = 0
  const message = proto.WebMessageInfo.fromObject({ key: { remoteJid: `${LID}@lid`, id: 'A', fromMe: false }, pushName: 'Ana', messageTimestamp: 1_760_000_000, message: { conversation: 'hello' } }) as WAMessage
  const watched = new Proxy(message, {
    get(target, name) {
      // Asked once a conversion, and no part of the protobuf.
      if (name === 'category') conversions += 1
      return Reflect.get(target, name) as unknown
    },
  })
  const of: Store = { ...store, contacts, commit: (sessionId, changes) => store.commit(sessionId, changes) }
  const events = await convertKnown(of, 's', 'messages.upsert', { messages: [watched], type: 'notify' }, { own: OWN, nowMs: 1, sentHere: () => false })
  return { events, asked, conversions }
}

const ANA: Change = { kind: 'contact.merge', phone: PHONE, lid: LID, fields: { pushName: 'Ana' } }

describe('convertKnown', () => {
  it('converts once and asks nothing where everybody is at hand', async () => {
    const { events, asked, conversions } = await scene(true, ANA)
    expect([asked, conversions]).toEqual([0, 1])
    expect(events).toMatchObject([{ type: 'message.received', message: { chatId: `${PHONE}@s.whatsapp.net` } }])
  })

  it('tells the same where it has to ask', async () => {
    const { events } = await scene(true, ANA)
    const other = await scene(false, ANA)
    expect(other.asked).toBeGreaterThan(0)
    expect(other.events).toEqual(events)
  })

  it('converts a stranger once, at hand or not', async () => {
    for (const isAtHand of [true, false]) {
      const { events, asked, conversions } = await scene(isAtHand)
      expect([asked, conversions]).toEqual([isAtHand ? 0 : 1, 1])
      expect(events.map(({ type }) => type)).toEqual(['contact.updated', 'message.received'])
    }
  })
})
