import { expect, it, onTestFinished } from 'vitest'
import { eventLog, type EverywhereStep } from '../../src/events/log.ts'
import { everywherePage } from '../../src/events/page.ts'
import { everyEvent } from '../../src/events/filter.ts'
import { entryOf } from '../../src/events/record.ts'
import { openMemory } from '../../src/store/memory.ts'
import type { EventReader, Store } from '../../src/store/store.ts'

const CHATS = 3

/** A store with three events, which removes all but the newest one `when` they are read over all sessions. */
async function pruning(when: 'before' | 'after'): Promise<Store> {
  const store = openMemory()
  onTestFinished(() => store.close())
  for (let n = 1; n <= CHATS; n += 1) await store.commit('a', [{ kind: 'event.append', event: entryOf('chat.locked', 'c', { id: `c${n}`, locked: true }, n) }])
  const prune = () => store.commit('a', [{ kind: 'event.prune', before: 100 }])
  const everywhere: EventReader['everywhere'] = async (place, limit) => {
    if (when === 'before') await prune()
    const answer = await store.events.everywhere(place, limit)
    if (when === 'after') await prune()
    return answer
  }
  const events: EventReader = { ...store.events, everywhere, durableEverywhere: everywhere }
  return { ...partsOf(store), events }
}

const partsOf = (store: Store): Store => ({
  sessions: store.sessions, auth: store.auth, chats: store.chats, contacts: store.contacts, messages: store.messages, groups: store.groups, outbox: store.outbox, journal: store.journal,
  devices: store.devices, events: store.events, webhooks: store.webhooks, onTold: store.onTold.bind(store), commit: store.commit.bind(store), close: store.close.bind(store),
})

async function firstSteps(store: Store, count: number): Promise<EverywhereStep[]> {
  const over = new AbortController()
  const steps: EverywhereStep[] = []
  for await (const step of eventLog(store).followEverywhere({ place: 0, removed: 0 }, over.signal)) {
    steps.push(step)
    if (steps.length === count) over.abort()
  }
  return steps
}

const seqsOf = (step: EverywhereStep | undefined): number[] => (step?.kind === 'rows' ? step.rows.map(({ seq }) => seq) : [])

it('tells no gap of what was read before it was removed', async () => {
  const [step] = await firstSteps(await pruning('after'), 1)
  expect(seqsOf(step)).toEqual([1, 2, 3])
})

it('tells the gap of what was removed before it was read, then what is left', async () => {
  const [gap, rest] = await firstSteps(await pruning('before'), 2)
  expect(gap?.kind).toBe('gap')
  expect(seqsOf(rest)).toEqual([3])
})

it('answers no page that leaves out what was removed while it was read', async () => {
  const cursor = { text: Buffer.from('all:0:0').toString('base64url'), field: '/query/after' }
  const request = { cursor, filter: everyEvent, limit: 10 }
  await expect(everywherePage(await pruning('before'), request)).rejects.toMatchObject({ code: 'EVENTS_GONE' })
  expect((await everywherePage(await pruning('after'), request)).events.map(({ seq }) => seq)).toEqual([1, 2, 3])
})
