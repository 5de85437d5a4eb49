import type { BaileysEventMap, WAMessage } from '@whiskeysockets/baileys'
import { beforeEach, describe, expect, it } from 'vitest'
import { project } from '../../src/events/project.ts'
import { openMemory } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { historySlices, toDomainEvents, type BaileysEventName } from '../../src/whatsapp/inbound/index.ts'
import { lookUp } from '../../src/whatsapp/inbound/lookup.ts'
import { NOW_MS, OWN, payloadOf, readGolden, type Golden } from '../whatsapp/inbound/golden.ts'

const SESSION = 'main'
const ANA = '34600000001@s.whatsapp.net'
const ANA_LID = '111000111000111@lid'
const BEA = '34600000002@s.whatsapp.net'
const GROUP = '120363000000000001@g.us'
const PAGE = { limit: 50, cursor: null }

let store: Store

beforeEach(() => {
  store = openMemory()
})

/** Takes an event in as the gateway does: look up, convert, write. */
async function take<E extends BaileysEventName>(name: E, payload: BaileysEventMap[E]): Promise<void> {
  const directory = await lookUp(store, SESSION, OWN, name, payload)
  const events = toDomainEvents(name, payload, { directory, nowMs: NOW_MS, sentHere: () => false, encode: true })
  await store.commit(SESSION, events.flatMap(project))
}

async function golden(...names: string[]): Promise<void> {
  for (const name of names) {
    const file = readGolden(name)
    await take(file.event, payloadOf(file))
  }
}

const upsert = (...messages: WAMessage[]): BaileysEventMap['messages.upsert'] => ({ messages, type: 'notify' })
const fromLid = (id: string, text: string, at: number): WAMessage => ({ key: { remoteJid: ANA_LID, fromMe: false, id }, messageTimestamp: at, message: { conversation: text } })
const unread = async (chat: string): Promise<number | undefined> => (await store.chats.get(SESSION, chat))?.unreadCount
const idsIn = async (chat: string): Promise<string[]> => (await store.messages.page(SESSION, chat, PAGE)).rows.map(({ id }) => id)
const textOf = async (chat: string, id: string): Promise<string | null | undefined> => (await store.messages.get(SESSION, chat, id))?.text

describe('what events write', () => {
  it('a message makes the chat, counts as unread once however often it comes, and names its author', async () => {
    await golden('message-first-contact', 'message-first-contact', 'message-redelivered')
    expect(await unread(ANA)).toBe(1)
    expect(await idsIn(ANA)).toEqual(['3EB0AAAA0001'])
    expect((await store.contacts.get(SESSION, [ANA_LID])).get(ANA_LID)).toMatchObject({ id: ANA, pushName: 'Ana' })
  })

  it('undecryptable, then again, then the content: one row, unread once', async () => {
    await golden('message-undecryptable', 'message-undecryptable', 'content-text', 'content-text')
    expect(await store.messages.get(SESSION, ANA, '3EB0AAAA0001')).toMatchObject({ type: 'text', text: 'Hello 👋' })
    expect(await unread(ANA)).toBe(1)
  })

  it('an edit in both forms, an older one after it, and a foreign one', async () => {
    await golden('content-text', 'edit', 'edit-update')
    const edited = await store.messages.get(SESSION, ANA, '3EB0AAAA0001')
    expect(edited).toMatchObject({ text: 'corrected', editedAt: 1_759_990_060_000 })
    await take('messages.update', [{ key: { remoteJid: ANA, fromMe: false, id: '3EB0AAAA0001' }, update: { message: { editedMessage: { message: { conversation: 'older' } } }, messageTimestamp: 1_759_990_001 } }])
    await take('messages.update', [{ key: { remoteJid: ANA, fromMe: true, id: '3EB0AAAA0001' }, update: { message: { editedMessage: { message: { conversation: 'not the author' } } }, messageTimestamp: 1_759_999_999 } }])
    expect(await textOf(ANA, '3EB0AAAA0001')).toBe('corrected')
  })

  it('a revoke in both forms deletes once and for all', async () => {
    await golden('content-image', 'revoke', 'revoke-update', 'edit')
    expect(await store.messages.get(SESSION, ANA, '3EB0AAAA0001')).toMatchObject({ deletedAt: 1_759_990_000_000, text: null, media: null, raw: null })
  })

  it('an admin deletes what a member wrote, a member does not', async () => {
    const write = (id: string, lid: string, phone: string): WAMessage => ({ key: { remoteJid: GROUP, fromMe: false, id, participant: lid, participantAlt: phone }, messageTimestamp: 1_759_990_000, message: { conversation: id } })
    await golden('groups-upsert')
    await take('messages.upsert', upsert(write('3EB0BEA1', '222000222000222@lid', BEA), write('3EB0ANA1', ANA_LID, ANA)))
    await golden('revoke-member')
    expect(await store.messages.get(SESSION, GROUP, '3EB0ANA1')).toMatchObject({ deletedAt: null, text: '3EB0ANA1' })
    await golden('revoke-admin')
    expect(await store.messages.get(SESSION, GROUP, '3EB0BEA1')).toMatchObject({ text: null })
  })

  it('a reaction in both forms is one, and is taken back', async () => {
    await take('messages.upsert', upsert({ key: { remoteJid: ANA, fromMe: true, id: '3A0001' }, messageTimestamp: 1, status: 2, message: { conversation: 'x' } }))
    await golden('reaction', 'reaction-update')
    expect((await store.messages.get(SESSION, ANA, '3A0001'))?.reactions).toEqual([{ from: ANA, emoji: '❤️', timestamp: 1_759_990_000 }])
    await take('messages.reaction', [{ key: { remoteJid: ANA, fromMe: true, id: '3A0001' }, reaction: { key: { remoteJid: ANA, fromMe: false, id: 'R' }, text: '', senderTimestampMs: 1_759_990_001_000 } }])
    expect((await store.messages.get(SESSION, ANA, '3A0001'))?.reactions).toEqual([])
  })

  it('another member who reuses an id changes nothing of the first', async () => {
    await golden('groups-upsert', 'message-group', 'message-id-reused')
    const rows = (await store.messages.page(SESSION, GROUP, PAGE)).rows.filter(({ id }) => id === '3EB0BBBB0001')
    expect(Object.fromEntries(rows.map(({ sender, text }) => [sender, text]))).toEqual({ [ANA]: 'hello all', [BEA]: 'not Ana' })
    expect(await unread(GROUP)).toBe(2)
  })

  it('states move forward only, whichever form of the chat the receipt names', async () => {
    await golden('contacts-update')
    await take('lid-mapping.update', { lid: ANA_LID, pn: ANA })
    await take('messages.upsert', upsert({ key: { remoteJid: ANA, fromMe: true, id: '3EB0HERE' }, messageTimestamp: 1_759_990_000, status: 1, message: { conversation: 'x' } }))
    await golden('state-sent', 'state-read', 'state-delivered')
    expect((await store.messages.own(SESSION, '3EB0HERE'))?.state).toBe('read')
  })

  it('reading elsewhere sets the count to zero, marking unread to -1, the increment of a live message nothing', async () => {
    await golden('content-text', 'chats-update-live')
    expect(await unread(ANA)).toBe(1)
    await golden('state-read-by-us')
    await take('chats.update', [{ id: ANA, unreadCount: 0 }])
    expect(await unread(ANA)).toBe(0)
    await take('chats.update', [{ id: ANA, unreadCount: -1 }])
    expect(await unread(ANA)).toBe(-1)
    await take('messages.upsert', upsert(fromLid('NEXT', 'after', 1_759_990_100)))
    expect(await unread(ANA)).toBe(1)
  })

  it('a chat known by its LID becomes the chat of the phone, and goes on as that', async () => {
    await take('messages.upsert', upsert(fromLid('ONE', 'who am I', 1_759_990_000)))
    expect(await idsIn(ANA_LID)).toEqual(['ONE'])
    await take('lid-mapping.update', { lid: ANA_LID, pn: ANA })
    await take('messages.upsert', upsert(fromLid('TWO', 'still me', 1_759_990_001)))
    await take('messages.upsert', upsert(fromLid('TWO', 'still me', 1_759_990_001)))
    expect(await idsIn(ANA)).toEqual(['TWO', 'ONE'])
    expect(await unread(ANA)).toBe(2)
    expect(await store.chats.get(SESSION, ANA_LID)).toBeNull()
  })

  it('a history in slices: newest first within one second, absolute counts, live rows untouched', async () => {
    await take('messages.upsert', upsert({ key: { remoteJid: '999000999000999@lid', remoteJidAlt: '34600000009@s.whatsapp.net', fromMe: false, id: 'H5' }, messageTimestamp: 1_759_990_000, message: { conversation: 'live' } }))
    const file = readGolden('history') as Golden<'messaging-history.set'>
    for (const slice of historySlices(payloadOf(file), 2)) await take('messaging-history.set', slice)
    const chat = '34600000009@s.whatsapp.net'
    expect(await unread(chat)).toBe(2)
    expect((await idsIn(chat)).filter((id) => id !== 'H5')).toEqual(['H4', 'H3', 'H2', 'H1'])
    expect(await textOf(chat, 'H5')).toBe('live')
    expect(await idsIn(GROUP)).toEqual(['H0', 'HS'])
    expect(await store.chats.get(SESSION, chat)).toMatchObject({ name: 'Nina', archived: true, pin: 1_759_990_000, ephemeralExpiration: 86_400 })
  })

  it('a group: fetched, renamed, joined and left, with what Baileys wants back', async () => {
    await golden('groups-upsert', 'notice-subject', 'participants-add', 'participants-promote', 'participants-removed-us')
    const group = await store.groups.get(SESSION, GROUP)
    expect(group).toMatchObject({ subject: 'Band', description: 'we sing', announce: true, ephemeralExpiration: 86_400 })
    expect(group?.participants).toEqual([{ id: ANA, role: 'superadmin' }, { id: BEA, role: 'admin' }, { id: '34600000003@s.whatsapp.net', role: 'member' }])
    const metadata = JSON.parse(group?.raw ?? '{}') as { subject: string; addressingMode: string; participants: { id: string; admin: string | null }[] }
    expect(metadata).toMatchObject({ subject: 'Band', addressingMode: 'lid', size: 3 })
    expect(metadata.participants.map(({ id, admin }) => [id, admin])).toEqual([[ANA_LID, 'superadmin'], ['222000222000222@lid', 'admin'], ['333000333000333@lid', null]])
    expect(await store.chats.get(SESSION, GROUP)).toMatchObject({ name: 'Band' })
  })

  it('a group that is fetched again as it was tells nothing', async () => {
    const told = async (name: string): Promise<string[]> => {
      const file = readGolden(name)
      const directory = await lookUp(store, SESSION, OWN, file.event, payloadOf(file))
      return toDomainEvents(file.event, payloadOf(file), { directory, nowMs: NOW_MS, sentHere: () => false, encode: true }).map(({ type }) => type)
    }
    expect(await told('groups-update-full')).toContain('group.updated')
    await golden('groups-upsert')
    expect(await told('groups-update-full')).toEqual([])
  })

  it('labels of a chat add up, messages deleted for us go, a cleared chat stays', async () => {
    await golden('content-text', 'label-chat')
    await take('labels.association', { type: 'add', association: { type: 'label_jid' as never, chatId: ANA_LID, labelId: '7' } })
    expect((await store.chats.get(SESSION, ANA))?.labels).toEqual(['2', '7'])
    await golden('delete-for-me')
    expect(await idsIn(ANA)).toEqual([])
    await golden('content-text', 'clear')
    expect(await idsIn(ANA)).toEqual([])
    expect(await store.chats.get(SESSION, ANA)).not.toBeNull()
    await golden('chats-delete')
    expect(await store.chats.get(SESSION, ANA)).toBeNull()
  })
})
