import { openStore } from '../../src/store/open.ts'
import type { Change, MessageRow, SessionRow, Store } from '../../src/store/store.ts'
import { median, type Figure, type Measure } from './figure.ts'
import { ready, startGatewayProcess, type Api } from './gateway.ts'
import { now, temporaryFolder } from './process.ts'

const SMALL_CHAT = 100
const LARGE_CHAT = 100_000
const FEW_CHATS = 100
const MANY_CHATS = 20_000
const PAGE = 50
const BATCH = 500
const ROUNDS = 300
const LIMIT = 1.5
const START = 1_700_000_000
const LARGE_ID = '34633000001@s.whatsapp.net'
const SMALL_ID = '34633000002@s.whatsapp.net'

const session = (id: string): SessionRow => {
  const at = new Date(START * 1000).toISOString()
  return { id, state: 'stopped', reason: null, stateSince: at, linked: true, wanted: false, user: { phone: '34633999999', lid: null, name: 'Bench' }, createdAt: at, secret: 's' }
}

const message = (chatId: string, index: number): MessageRow => ({
  chatId, id: `BENCH${index}`, sender: chatId, type: 'text', text: `Message ${index} of a long conversation.`, content: null, timestamp: START + index, state: null, stateTimes: {}, error: null, fingerprint: null,
  quoted: null, mentions: [], reactions: [], editedAt: null, deletedAt: null, media: null, raw: null,
})

async function fill(store: Store, sessionId: string, count: number, change: (index: number) => readonly Change[]): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const indexes = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => from + index)
    await store.commit(sessionId, indexes.flatMap(change))
  }
}

async function seed(dataDir: string): Promise<void> {
  const store = await openStore({ mode: 'sandbox', dataDir })
  for (const id of ['messages', 'few', 'many']) await store.commit(id, [{ kind: 'session.put', session: session(id) }])
  for (const [chat, count] of [[LARGE_ID, LARGE_CHAT], [SMALL_ID, SMALL_CHAT]] as const) {
    await fill(store, 'messages', count, (index) => [{ kind: 'message.put', message: message(chat, index) }])
    await store.commit('messages', [{ kind: 'chat.touch', id: chat, timestamp: START + count, unread: 0 }])
  }
  for (const [id, count] of [['few', FEW_CHATS], ['many', MANY_CHATS]] as const) {
    await fill(store, id, count, (index) => [{ kind: 'chat.merge', id: `${34_634_000_000 + index}@s.whatsapp.net`, fields: { name: `Chat ${index}`, conversationTimestamp: START + index } }])
  }
  await store.close()
}

/** Median milliseconds of a GET of each path, asked in turn so that noise falls on all alike. */
async function medians(api: Api, paths: readonly string[]): Promise<number[]> {
  const times = paths.map((): number[] => [])
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, path] of paths.entries()) {
      const from = now()
      const page = await api.get<unknown[]>(path)
      times[index]?.push(now() - from)
      if (page?.length !== PAGE) throw new Error(`${path} answered ${page?.length ?? 'nothing'} instead of a page of ${PAGE}`)
    }
  }
  return times.map((list) => median(list.slice(ROUNDS / 10)))
}

function ratio(name: string, small: number, large: number): Figure {
  const value = large / small
  return { name, goal: `<= ${LIMIT}x`, measured: `${value.toFixed(2)}x (${large.toFixed(2)} ms against ${small.toFixed(2)} ms)`, value, limit: LIMIT }
}

/** What a page costs in a short and in a long list. */
export const pages: Measure = async (say) => {
  say('seeding a store for pages')
  const dataDir = temporaryFolder()
  await seed(dataDir)
  const { program, api } = await startGatewayProcess({ dataDir, sandbox: 'true' })
  await ready(api)
  const small = `/sessions/messages/chats/${SMALL_ID}/messages?limit=${PAGE}`
  const large = `/sessions/messages/chats/${LARGE_ID}/messages?limit=${PAGE}`
  say('pages of messages and chats')
  const deep = await api.skip(large, LARGE_CHAT / 2)
  const [inSmall = NaN, inLarge = NaN, deepInLarge = NaN] = await medians(api, [small, large, deep])
  const [ofFew = NaN, ofMany = NaN] = await medians(api, [`/sessions/few/chats?limit=${PAGE}`, `/sessions/many/chats?limit=${PAGE}`])
  await program.stop()
  return [
    ratio(`page of ${PAGE} messages, chat of ${LARGE_CHAT} against ${SMALL_CHAT}`, inSmall, inLarge),
    ratio(`the same from the middle of the chat of ${LARGE_CHAT}`, inSmall, deepInLarge),
    ratio(`GET chats, ${MANY_CHATS} chats against ${FEW_CHATS}`, ofFew, ofMany),
  ]
}
