import { EventEmitter, once } from 'node:events'
import { PassThrough } from 'node:stream'
import { expect, it, onTestFinished } from 'vitest'
import { everyEvent } from '../../src/events/filter.ts'
import { eventLog } from '../../src/events/log.ts'
import { entryOf } from '../../src/events/record.ts'
import { sessionStream } from '../../src/events/sse.ts'
import { textStream } from '../../src/http/text-stream.ts'
import { openMemory } from '../../src/store/memory.ts'

it('says that it lives while there is nothing to tell, and leaves nobody listening behind', async () => {
  const store = openMemory()
  const heard = new EventEmitter()
  let listeners = 0
  const watched = { ...watch(store), onTold: (sessionId: string | null, listener: (sessionId: string) => void) => {
    listeners += 1
    const stop = store.onTold(sessionId, listener)
    return () => {
      listeners -= 1
      stop()
      heard.emit('stopped')
    }
  } }
  await store.commit('a', Array.from({ length: 3 }, () => ({ kind: 'event.append', event: entryOf('chat.locked', 'c', { id: 'c', locked: true }, 1) })))
  const sink = new PassThrough()
  const closing = new AbortController()
  onTestFinished(() => closing.abort())
  const stream = textStream({ source: (signal) => sessionStream({ store: watched, log: eventLog(watched), filter: everyEvent, heartbeatMs: 5 }, 'a', 0, signal), sink, closing: closing.signal })
  let text = ''
  sink.on('data', (piece: Buffer) => {
    text += piece.toString()
    if (text.split(': heartbeat\n\n').length > 3) sink.destroy()
  })
  stream.pipe(sink)
  await Promise.all([once(sink, 'close'), once(heard, 'stopped')])
  expect(text).toMatch(/^retry: 2000\n\n(id: \d\nevent: chat\.locked\ndata: .*\n\n){3}(: heartbeat\n\n)+$/)
  expect(listeners).toBe(0)
})

/** The store's readers and verbs, to put one of them in another's place. */
const watch = (store: ReturnType<typeof openMemory>): ReturnType<typeof openMemory> => ({
  sessions: store.sessions, auth: store.auth, chats: store.chats, contacts: store.contacts, messages: store.messages, groups: store.groups, outbox: store.outbox, journal: store.journal,
  devices: store.devices, events: store.events, webhooks: store.webhooks, onTold: store.onTold.bind(store), commit: store.commit.bind(store), close: store.close.bind(store),
})
