import { v7 as uuid } from 'uuid'
import { buildApp } from '../../../src/app.ts'
import { loadConfig } from '../../../src/config.ts'
import { entryOf } from '../../../src/events/record.ts'
import type { Change, MessageRow } from '../../../src/store/store.ts'

/**
 * The gateway with its times divided, and somebody who writes into the logs of its sessions at an even pace, from where the log ends:
 * LOAD_SESSIONS logs up to LOAD_EVENTS entries in all, LOAD_RATE of them a second, LOAD_HASTE divides the schedule, LOAD_TIMEOUT_HASTE the time-out.
 */
const env = process.env
const number = (name: string): number => Number(env[name] ?? 0)
const [sessions, events, rate] = [number('LOAD_SESSIONS'), number('LOAD_EVENTS'), number('LOAD_RATE')]
const CHATS = 12
const TICK_MS = 20
/** Every so many entries one is of the type that the strict webhook hears of. */
const MARKED_EVERY = 5

const app = await buildApp(loadConfig(env), { webhookHaste: { schedule: number('LOAD_HASTE'), timeout: number('LOAD_TIMEOUT_HASTE') } })
const url = await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`Puente listens on ${url} and speaks to nobody.\n`)
process.once('SIGTERM', () => void app.close())

const heads = new Map(await app.store.events.heads())
const quota = Math.floor(events / sessions)
const names = Array.from({ length: sessions }, (_, place) => `session-${place}`)
for (const name of names) if (!heads.has(name)) heads.set(name, 0)

const entry = (seq: number): Change => {
  const chatId = `3460000${String(1000 + (seq % CHATS))}@s.whatsapp.net`
  const id = uuid()
  if (seq % MARKED_EVERY === 0) return { kind: 'event.append', event: entryOf('message.starred', chatId, { key: { chatId, id, sender: '' }, starred: true }, Date.now()) }
  const message: MessageRow = {
    chatId, id, sender: chatId, type: 'text', text: `Message ${seq}, with as much to say as most have.`, content: null, timestamp: Math.floor(Date.now() / 1000), state: null, stateTimes: {}, error: null, fingerprint: null,
    quoted: null, mentions: [], reactions: [], editedAt: null, deletedAt: null, media: null, raw: null,
  }
  return { kind: 'event.append', event: entryOf('message.received', chatId, { message, unread: 1 }, Date.now()) }
}

let written = [...heads.values()].reduce((sum, seq) => sum + Math.min(seq, quota), 0)
const from = Date.now()
const before = written
const timer = setInterval(() => {
  const due = Math.min(quota * sessions, before + Math.floor(((Date.now() - from) * rate) / 1000))
  for (; written < due; written += 1) {
    const name = names.find((one) => (heads.get(one) ?? 0) <= Math.floor(written / sessions)) ?? names[0] ?? ''
    const seq = (heads.get(name) ?? 0) + 1
    heads.set(name, seq)
    app.store.commit(name, [entry(seq)]).catch((error: unknown) => app.log.error({ err: error }, 'the load cannot be written'))
  }
  if (written >= quota * sessions) clearInterval(timer)
}, TICK_MS)
