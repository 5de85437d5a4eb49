import { beforeAll, describe, expect, it } from 'vitest'
import type { Refresh } from '../../../schemas/chat.ts'
import type { Message } from '../../../schemas/message.ts'
import { API_KEY } from '../../support/gateway.ts'
import { acrossDrop, allPages, askRaw, refusesBadSessionIds, refusesStrangers, refusesUnknownSessions, useGateway } from '../../support/rows.ts'
import { until } from '../../support/wait.ts'

const gateway = useGateway()
const OWNER = '15550100001'
const CHATS = 6
const RECENT = 10
const OLDER = 70
const URL = '/sessions/home/chats/refresh'

const all = async (chatId: string): Promise<readonly Message[]> => (await allPages<Message>(gateway, `/sessions/home/chats/${chatId}/messages?limit=200`)).flat()
/** Places of the invented past, newest first; the simulator numbers its texts. */
const places = (messages: readonly Message[]): number[] => messages.map(({ text }) => Number(/\((\d+)\)$/.exec(text ?? '')?.[1]))
const down = (from: number, to: number): number[] => Array.from({ length: from - to + 1 }, (_, step) => from - step)

let chats: readonly string[] = []

beforeAll(async () => {
  await gateway.simulator.seedHistory(OWNER, { chats: CHATS, messagesPerChat: RECENT, olderPerChat: OLDER })
  await gateway.link('home', OWNER)
  await gateway.call('POST', '/sessions/unlinked')
  chats = await until(async () => {
    const ids = (await gateway.chats('home')).map(({ id }) => id)
    return ids.length === CHATS && ids
  }, 'the history')
  await until(async () => (await all(chats.at(-1) ?? '')).length === RECENT, 'the last chat')
})

describe('PUT /sessions/:session_id/chats/refresh', () => {
  refusesStrangers(gateway, 'PUT', URL)
  refusesBadSessionIds(gateway, 'PUT', '/chats/refresh')
  refusesUnknownSessions(gateway, 'PUT', '/chats/refresh')

  it.each(['chats=-1', 'chats=101', 'chats=x', 'messages=0', 'messages=51', 'limit=5'])('400 for ?%s', async (query) => {
    expect(await gateway.call('PUT', `${URL}?${query}`)).toBeProblem('VALIDATION_FAILED', `/query/${query.split('=')[0] ?? ''}`)
  })

  it('409 when not linked', async () => {
    expect(await gateway.call('PUT', '/sessions/unlinked/chats/refresh')).toBeProblem('NOT_LINKED')
  })

  it('200 with older messages of the most recent chats, and of no others', async () => {
    const { status, body } = await gateway.call<Refresh>('PUT', `${URL}?chats=2&messages=5`)
    expect([status, body]).toEqual([200, { status: 'ok', chatsCount: CHATS, loadedChatsCount: 2, requestedChatsCount: 2 }])
    for (const chat of chats.slice(0, 2)) expect(places(await all(chat))).toEqual(down(RECENT + OLDER, OLDER - 4))
    expect(await all(chats[2] ?? '')).toHaveLength(RECENT)
  })

  it('200 for a JSON content type without a body: 50 older messages of every chat, in their place and once', async () => {
    const unread = (await gateway.chats('home')).map(({ unreadCount }) => unreadCount)
    const { status, body } = await askRaw(gateway, 'PUT', URL, { 'x-api-key': API_KEY, 'content-type': 'application/json' })
    expect([status, body]).toEqual([200, { status: 'ok', chatsCount: CHATS, loadedChatsCount: CHATS, requestedChatsCount: CHATS }])
    for (const [number, chat] of chats.entries()) {
      const held = RECENT + 50 + (number < 2 ? 5 : 0)
      expect(places(await all(chat))).toEqual(down(RECENT + OLDER, RECENT + OLDER - held + 1))
    }
    // What is old is neither new nor unread.
    expect((await gateway.chats('home')).map(({ id }) => id)).toEqual(chats)
    expect((await gateway.chats('home')).map(({ unreadCount }) => unreadCount)).toEqual(unread)
  })

  it('200 until the phone has no more', async () => {
    await gateway.call<Refresh>('PUT', URL)
    expect(places(await all(chats[0] ?? ''))).toEqual(down(RECENT + OLDER, 1))
    expect((await gateway.call<Refresh>('PUT', URL)).body).toMatchObject({ status: 'ok', loadedChatsCount: CHATS })
    expect(places(await all(chats[0] ?? ''))).toEqual(down(RECENT + OLDER, 1))
  })

  it('200 with settings alone when no chats are asked for', async () => {
    expect((await gateway.call<Refresh>('PUT', `${URL}?chats=0`)).body).toEqual({ status: 'ok', chatsCount: CHATS, loadedChatsCount: 0, requestedChatsCount: 0 })
  })

  it('two at once are one refresh', async () => {
    const [one, two] = await Promise.all([gateway.call<Refresh>('PUT', `${URL}?chats=3`), gateway.call<Refresh>('PUT', `${URL}?chats=5`)])
    expect([one.status, two.status]).toEqual([200, 200])
    expect(one.body.requestedChatsCount).toBe(two.body.requestedChatsCount)
    expect([3, 5]).toContain(one.body.requestedChatsCount)
  })

  it('503 when the connection is lost meanwhile', async () => {
    gateway.simulator.addFault({ kind: 'silentIq', account: OWNER, xmlns: 'w:sync:app:state', times: 0 })
    const answer = await acrossDrop(gateway, 'home', async () => {
      const asked = gateway.call('PUT', URL)
      await until(() => (gateway.simulator.faults()[0]?.struck ?? 0) > 0, 'the refresh to begin')
      gateway.simulator.clearFaults()
      gateway.simulator.addFault({ kind: 'drop', account: OWNER })
      return asked
    })
    expect(answer).toBeProblem('WHATSAPP_UNAVAILABLE')
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
  })

  it('202 with the progress while WhatsApp takes its time, and a second call joins', async () => {
    gateway.simulator.addFault({ kind: 'silentIq', account: OWNER, xmlns: 'w:sync:app:state', times: 0 })
    const slow = gateway.call<Refresh>('PUT', URL)
    const joined = gateway.call<Refresh>('PUT', `${URL}?chats=1`)
    const answers = await Promise.all([slow, joined])
    expect(answers.map(({ status }) => status)).toEqual([202, 202])
    for (const { body } of answers) expect(body).toMatchObject({ status: 'running', chatsCount: CHATS, loadedChatsCount: 0 })
    gateway.simulator.clearFaults()
    gateway.simulator.addFault({ kind: 'drop', account: OWNER })
    const done = await until(async () => {
      const answer = await gateway.call<Refresh>('PUT', URL)
      return answer.status === 200 && answer
    }, 'the next refresh')
    expect(done.body).toMatchObject({ status: 'ok', loadedChatsCount: CHATS })
  }, 60_000)

  it('503 while the session is linked but not connected', async () => {
    await gateway.call('POST', '/sessions/home/stop')
    const answer = await gateway.call('PUT', URL)
    expect(answer).toBeProblem('NOT_CONNECTED')
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
  })

  it('409 after logout', async () => {
    await gateway.call('POST', '/sessions/home')
    await gateway.call('POST', '/sessions/home/logout')
    expect(await gateway.call('PUT', URL)).toBeProblem('NOT_LINKED')
  })
})
