import { inflateSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { proto } from '@whiskeysockets/baileys'
import type { Client } from '../support/client.ts'
import { jid, useTown } from '../support/town.ts'
import { until } from '../support/wait.ts'

const ADA = '15550100001'
const CARL = '15550100003'

const town = useTown()
const sets = (client: Client) => client.events['messaging-history.set'] ?? []
const historyOf = (client: Client) => sets(client).flatMap(({ messages }) => messages)
const arrived = (client: Client, progress = 100) =>
  until(() => sets(client).some((set) => set.syncType === proto.HistorySync.HistorySyncType.RECENT && set.progress === progress), 'the recent history')

it('a link brings every chat with its recent messages, names and mappings', async () => {
  town.simulator.world.accounts.ensure({ phone: CARL, name: 'Carl', addressing: 'pn' })
  const { chats } = await town.simulator.seedHistory(ADA, { chats: 12, messagesPerChat: 20 })
  const ada = await town.link(ADA, 'Ada')
  await arrived(ada)
  const ids = new Set(historyOf(ada).map(({ key }) => `${key.remoteJid}/${key.id}`))
  expect(ids.size).toBe(240)
  const known = new Map(sets(ada).flatMap((set) => set.chats).map((chat) => [chat.id, chat]))
  expect(known.size).toBe(12)
  const carl = known.get(jid(CARL))
  expect(carl).toMatchObject({ name: 'Carl', lidJid: town.simulator.world.accounts.lidOf(town.account(CARL)) })
  const withLid = [...known.values()].filter(({ id }) => id?.endsWith('@lid'))
  expect(withLid.length).toBeGreaterThan(5)
  expect(withLid.every(({ pnJid }) => pnJid?.endsWith('@s.whatsapp.net'))).toBe(true)
  const groups = [...known.keys()].filter((id) => id?.endsWith('@g.us'))
  expect(groups).toEqual(chats.filter((chat) => chat.endsWith('@g.us')))
  expect(historyOf(ada).filter(({ key }) => key.remoteJid === groups[0]).every(({ key }) => key.fromMe || key.participant?.endsWith('@lid'))).toBe(true)
  expect([...known.values()].some(({ unreadCount }) => unreadCount === 2)).toBe(true)
  const names = sets(ada).filter(({ syncType }) => syncType === proto.HistorySync.HistorySyncType.PUSH_NAME).flatMap(({ contacts }) => contacts)
  expect(names).toContainEqual({ id: jid(CARL), notify: 'Carl' })
})

it('a client that is linked already gets it as well', async () => {
  const ada = await town.link(ADA, 'Ada')
  await arrived(ada)
  await town.simulator.seedHistory(ADA, { chats: 3, messagesPerChat: 10 })
  await until(() => historyOf(ada).length >= 30, 'the pushed history')
  expect(new Set(historyOf(ada).map(({ key }) => key.id)).size).toBe(30)
})

it('older messages come on demand, 50 at most, with the end marked', async () => {
  await town.simulator.seedHistory(ADA, { chats: 1, messagesPerChat: 10, olderPerChat: 70 })
  const ada = await town.link(ADA, 'Ada')
  await arrived(ada)
  const oldest = () => historyOf(ada).toSorted((a, b) => Number(a.messageTimestamp) - Number(b.messageTimestamp))[0]
  for (const [count, expected, isEnd] of [[50, 50, false], [500, 20, true], [50, 0, true]] as const) {
    const from = oldest()
    if (!from) throw new Error('no history')
    const request = await ada.sock.fetchMessageHistory(count, from.key, Number(from.messageTimestamp) * 1000)
    const answer = await ada.event('messaging-history.set', (set) => set.peerDataRequestSessionId === request)
    expect(answer.syncType).toBe(proto.HistorySync.HistorySyncType.ON_DEMAND)
    expect(answer.messages).toHaveLength(expected)
    // The client's event leaves out chats it has heard of, so the notice itself says whether this was the end.
    const notices = ada.messages.map(({ message }) => message?.protocolMessage?.historySyncNotification)
    const notice = notices.find((candidate) => candidate?.peerDataRequestSessionId === request)
    const { conversations } = proto.HistorySync.decode(inflateSync(notice?.initialHistBootstrapInlinePayload ?? new Uint8Array()))
    expect(conversations[0]).toMatchObject({ id: from.key.remoteJid, endOfHistoryTransfer: isEnd })
  }
  expect(new Set(historyOf(ada).map(({ key }) => key.id)).size).toBe(80)
})

it('what happened before a second client was linked is history to it', async () => {
  town.simulator.world.accounts.ensure({ phone: CARL, name: 'Carl' })
  const ada = await town.link(ADA, 'Ada')
  const sent = await ada.sock.sendMessage(jid(CARL), { text: 'to Carl' })
  await town.simulator.say(CARL, { to: ADA, type: 'text', text: 'to Ada' })
  const { id } = await town.simulator.say(CARL, { to: ADA, type: 'text', text: 'a tpyo' })
  const { id: doomed } = await town.simulator.say(CARL, { to: ADA, type: 'text', text: 'regret' })
  await town.simulator.edit(CARL, id, 'a typo')
  await town.simulator.delete(CARL, doomed)
  await ada.message(({ message }) => message?.protocolMessage?.key?.id === doomed)
  await until(() => town.simulator.world.archive.messages(town.account(ADA).lid, town.simulator.world.accounts.lidOf(town.account(CARL))).length === 3, 'the archive')
  const second = await town.link(ADA, 'Ada')
  await arrived(second)
  const texts = new Map(historyOf(second).map(({ key, message }) => [key.id, message?.conversation ?? message?.extendedTextMessage?.text]))
  expect(new Set(texts.values())).toEqual(new Set(['a typo', 'to Ada', 'to Carl']))
  expect(texts.size).toBe(3)
  expect(texts.get(String(sent?.key.id))).toBe('to Carl')
})

it('hands out a placeholder\'s content', async () => {
  town.simulator.world.accounts.ensure({ phone: CARL, name: 'Carl' })
  const ada = await town.link(ADA, 'Ada')
  town.simulator.addFault({ kind: 'unavailable', account: ADA })
  const { id } = await town.simulator.say(CARL, { to: ADA, type: 'text', text: 'hard to get' })
  const got = await ada.message(({ key, message }) => key.id === id && Boolean(message))
  expect(got.message?.conversation).toBe('hard to get')
})

it('50,000 messages are built and taken in within seconds', async () => {
  await town.simulator.seedHistory(ADA, { chats: 500, messagesPerChat: 100 })
  const before = performance.now()
  const ada = await town.link(ADA, 'Ada')
  await arrived(ada)
  expect(performance.now() - before).toBeLessThan(15_000)
  expect(new Set(historyOf(ada).map(({ key }) => `${key.remoteJid}/${key.id}`)).size).toBe(50_000)
})
