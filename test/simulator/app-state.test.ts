import { beforeEach, expect, it } from 'vitest'
import type { ChatModification } from '@whiskeysockets/baileys'
import type { Client } from '../support/client.ts'
import { useTown } from '../support/town.ts'
import { until } from '../support/wait.ts'

const ADA = '15550100001'
const CARL = '15550100003@s.whatsapp.net'

const town = useTown()
const link = async (): Promise<Client> => {
  const client = await town.link(ADA, 'Ada')
  // Until its first sync is over a client drops changes of chats it does not hold in its buffer.
  await until(() => client.state.creds.accountSyncCounter > 0, 'the first settings')
  return client
}
const owner = () => town.simulator.world.accounts.ensure({ phone: ADA })
const modify = async (change: ChatModification, jid = CARL) => town.simulator.world.appState.modify(owner(), change, jid)
type ChatState = { id?: string | null; archived?: boolean | null; pinned?: number | null; muteEndTime?: unknown; unreadCount?: number | null }
// During the first sync a change is merged into the chat that history brings.
const chatUpdate = async (client: Client, fits: (chat: ChatState) => boolean): Promise<unknown> => until(() => {
  const updates: ChatState[] = (client.events['chats.update'] ?? []).flat()
  const chats: ChatState[] = (client.events['messaging-history.set'] ?? []).flatMap((set) => set.chats)
  return [...updates, ...chats].some((chat) => chat.id === CARL && fits(chat))
}, 'the change of the chat')
const last = { key: { remoteJid: CARL, id: '3AAA', fromMe: false }, messageTimestamp: 1_700_000_000 }

beforeEach(async () => {
  town.simulator.world.accounts.ensure({ phone: '15550100003', name: 'Carl', addressing: 'pn' })
  await town.simulator.seedHistory(ADA, { chats: 1, messagesPerChat: 1 })
})

it('what a client changes reaches the phone and the other client', async () => {
  const one = await link()
  const two = await link()
  await one.sock.chatModify({ archive: true, lastMessages: [last] }, CARL)
  await chatUpdate(two, ({ archived }) => archived === true)
  await one.sock.chatModify({ pin: true }, CARL)
  await one.sock.chatModify({ mute: 4_000_000_000_000 }, CARL)
  await two.sock.chatModify({ archive: false, lastMessages: [last] }, CARL)
  await chatUpdate(one, ({ archived }) => archived === false)
  const actions = await town.simulator.world.appState.actions(owner())
  const archived = actions.filter(({ index }) => index[0] === 'archive').map(({ value }) => value.archiveChatAction?.archived)
  expect(archived).toEqual([true, false])
  expect(actions.find(({ index }) => index[0] === 'mute')).toMatchObject({ collection: 'regular_high', index: ['mute', CARL], version: 1 })
})

it('what the phone changes reaches the clients', async () => {
  const one = await link()
  await modify({ archive: true, lastMessages: [last] })
  await chatUpdate(one, ({ archived }) => archived === true)
  await modify({ pin: true })
  await chatUpdate(one, ({ pinned }) => Boolean(pinned))
  await modify({ mute: 4_000_000_000_000 })
  await chatUpdate(one, ({ muteEndTime }) => Boolean(muteEndTime))
  await modify({ markRead: false, lastMessages: [last] })
  await chatUpdate(one, ({ unreadCount }) => unreadCount === -1)
  await modify({ star: { messages: [{ id: '3AAA', fromMe: false }], star: true } })
  await one.event('messages.update', ([update]) => update?.update.starred === true)
  await modify({ contact: { fullName: 'Carl Friend', firstName: 'Carl', lidJid: '', saveOnPrimaryAddressbook: true } })
  await one.event('contacts.upsert', ([contact]) => contact?.name === 'Carl Friend')
  await modify({ addLabel: { id: '5', name: 'Clients', color: 2, deleted: false } }, '')
  await one.event('labels.edit', ({ name }) => name === 'Clients')
  await modify({ addChatLabel: { labelId: '5' } })
  await one.event('labels.association', ({ type }) => type === 'add')
  await modify({ delete: true, lastMessages: [last] })
  expect(await one.event('chats.delete')).toEqual([CARL])
})

it('a client that comes later replays it all, page by page', async () => {
  await link()
  for (let round = 0; round < 120; round++) await modify({ pin: round % 2 === 1 })
  await modify({ archive: true, lastMessages: [last] })
  const late = await link()
  await chatUpdate(late, ({ archived }) => archived === true)
  expect(late.state.keys.get('app-state-sync-version/regular_low')).toMatchObject({ version: 121 })
})

it('a patch upon an old version is refused together with what it missed', async () => {
  const one = await link()
  await one.sock.chatModify({ pin: true }, CARL)
  await modify({ pin: false })
  const accepted = await town.simulator.world.appState.accept(owner(), 'regular_low', 1, new Uint8Array())
  expect(accepted).toBeUndefined()
  const answer = await one.sock.query({
    tag: 'iq',
    attrs: { to: 's.whatsapp.net', type: 'set', xmlns: 'w:sync:app:state' },
    content: [{ tag: 'sync', attrs: {}, content: [
      { tag: 'collection', attrs: { name: 'regular_low', version: '1', return_snapshot: 'false' }, content: [{ tag: 'patch', attrs: {}, content: new Uint8Array([1]) }] },
    ] }],
  })
  const [sync] = Array.isArray(answer?.content) ? answer.content : []
  const [collection] = Array.isArray(sync?.content) ? sync.content : []
  expect(collection).toMatchObject({ attrs: { name: 'regular_low', type: 'error', version: '2' } })
  const parts = Array.isArray(collection?.content) ? collection.content : []
  expect(parts.map((part: { tag: string }) => part.tag)).toEqual(['error', 'patches'])
})

it('the account\'s own name follows', async () => {
  const one = await link()
  const two = await link()
  await one.sock.updateProfileName('Ada L.')
  await until(() => two.state.creds.me?.name === 'Ada L.', 'the new name at the other client')
  expect(owner().name).toBe('Ada L.')
})
