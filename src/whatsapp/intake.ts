import { setImmediate as breathe } from 'node:timers/promises'
import type { BaileysEventMap, WASocket } from '@whiskeysockets/baileys'
import type { DomainEvent } from '../events/domain.ts'
import { project } from '../events/project.ts'
import type { Log } from '../log.ts'
import type { Change, Store } from '../store/store.ts'
import type { WriteBehind } from './guard/write-behind.ts'
import { historyEvents, toDomainEvents, type BaileysEventName, type InboundContext } from './inbound/index.ts'
import { directoryOf, type Own } from './inbound/directory.ts'
import { toGroup } from './inbound/groups.ts'
import { needsOf } from './inbound/needs.ts'
import { loadDirectory } from './loading.ts'
import { hearPairs } from './pairs.ts'

/** Baileys holds events back while it waits for something; they are let go at least this often. */
const FLUSH_MS = 250
/** Pieces of history that may wait for the disk at the same time. */
const HISTORY_AHEAD = 8

/** What an intake works with. */
export interface IntakeParts {
  readonly sessionId: string
  readonly socket: WASocket
  readonly store: Store
  readonly writes: WriteBehind
  readonly log: Log
  own(): Own
  sentHere(messageId: string): boolean
  /** The store failed: the socket must go. */
  onFault(error: Error): void
}

/** Takes everything a socket tells, in order, into the store. */
export interface Intake {
  /** The connection is open: what changed meanwhile is asked for. */
  opened(): void
  /** Resolves when all that was told so far can be read. */
  taken(): Promise<void>
  /** Resolves when all that was told is enqueued; nothing is taken after. */
  drain(): Promise<void>
}

/** Listens to a socket. */
export function startIntake({ sessionId, socket, store, writes, log, own, sentHere, onFault }: IntakeParts): Intake {
  let tail: Promise<void> = Promise.resolve()
  const asked = new Set<string>()
  const flush = setInterval(() => {
    if (socket.ev.isBuffering()) socket.ev.flush()
  }, FLUSH_MS)

  function enqueue(work: () => Promise<void>): void {
    tail = tail.then(work).catch((error: unknown) => {
      log.error({ session: sessionId, error: (error as Error).name }, 'an event could not be taken')
      onFault(error as Error)
    })
  }

  const contextFor = async <E extends BaileysEventName>(name: E, payload: BaileysEventMap[E]): Promise<InboundContext> => ({
    directory: await loadDirectory(store, sessionId, own(), needsOf(name, payload, directoryOf(own()))),
    nowMs: Date.now(),
    sentHere,
    encode: true,
  })

  async function take<E extends BaileysEventName>(name: E, payload: BaileysEventMap[E]): Promise<void> {
    const context = await contextFor(name, payload)
    if (name === 'messaging-history.set') return takeHistory(payload as BaileysEventMap['messaging-history.set'], context)
    await record(toDomainEvents(name, payload, context))
  }

  async function takeHistory(history: BaileysEventMap['messaging-history.set'], context: InboundContext): Promise<void> {
    let ahead = 0
    for (const events of historyEvents(history, context)) {
      await record(events)
      ahead += 1
      if (ahead % HISTORY_AHEAD === 0) await writes.settled()
      else await breathe()
    }
  }

  async function record(events: readonly DomainEvent[]): Promise<void> {
    const changes: Change[] = []
    for (const event of events) {
      for (const change of project(await settleKey(event))) changes.push(change)
      if ((event.type === 'group.updated' || event.type === 'group.participants_changed') && event.group === null) askGroup(event.id)
    }
    writes.write(changes)
  }

  /** A receipt may name the chat in a form that is not known yet; our own messages are found by their id. */
  async function settleKey(event: DomainEvent): Promise<DomainEvent> {
    if (event.type !== 'message.state') return event
    const ours = await store.messages.own(sessionId, event.key.id)
    return ours ? { ...event, key: { chatId: ours.chatId, id: ours.id, sender: '' } } : event
  }

  /** A group of which only a change is known is asked for, once at a time. */
  function askGroup(id: string): void {
    if (asked.has(id)) return
    asked.add(id)
    socket
      .groupMetadata(id)
      .then((metadata) => enqueue(async () => {
        const context = await contextFor('groups.upsert', [metadata])
        writes.write(project({ type: 'group.updated', id, group: toGroup(metadata, context.directory), changed: {}, by: null }))
      }))
      .catch(() => log.debug({ session: sessionId }, 'a group could not be asked for'))
      .finally(() => asked.delete(id))
  }

  socket.ev.process((events) => {
    for (const [name, payload] of Object.entries(events)) enqueue(() => take(name as BaileysEventName, payload))
  })
  hearPairs(socket, (pairs) => enqueue(() => take('contacts.upsert', pairs.map(({ lid, pn }) => ({ id: pn, lid })))))

  return {
    opened() {
      socket.groupFetchAllParticipating().catch(() => log.debug({ session: sessionId }, 'groups could not be asked for'))
    },
    taken: () => tail,
    async drain() {
      clearInterval(flush)
      await tail
    },
  }
}
