import { setImmediate as breathe } from 'node:timers/promises'
import type { BaileysEventMap, WASocket } from '@whiskeysockets/baileys'
import { record } from '../events/record.ts'
import type { Log } from '../log.ts'
import type { Echoes } from './guard/echoes.ts'
import type { WriteBehind } from './guard/write-behind.ts'
import { toGroup } from './inbound/groups.ts'
import type { BaileysEventName } from './inbound/index.ts'
import { hearPairs } from './pairs.ts'
import type { Translated, Translation } from './translation.ts'

/** Baileys holds events back while it waits for something; they are let go at least this often. */
const FLUSH_MS = 250
/** Pieces of history that may wait for the disk at the same time. */
const HISTORY_AHEAD = 8

/** What an intake works with. */
export interface IntakeParts {
  readonly sessionId: string
  readonly socket: WASocket
  readonly writes: WriteBehind
  readonly translation: Translation
  readonly log: Log
  /** What of the socket's events was written already. */
  readonly echoes: Echoes
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
export function startIntake({ sessionId, socket, writes, translation, log, echoes, onFault }: IntakeParts): Intake {
  let tail: Promise<void> = Promise.resolve()
  const asked = new Set<string>()
  const flush = setInterval(() => {
    if (socket.ev.isBuffering()) socket.ev.flush()
  }, FLUSH_MS)

  const failed = (error: unknown): void => {
    log.error({ session: sessionId, error: (error as Error).name }, 'an event could not be taken')
    onFault(error as Error)
  }

  function enqueue(work: () => Promise<void>): void {
    tail = tail.then(work).catch(failed)
  }

  /** Most events are echoes of written messages, which are told apart as they come: none of them takes a turn. Never throws, or Baileys would emit its batch again for ever. */
  function hear<E extends BaileysEventName>(name: E, payload: BaileysEventMap[E]): void {
    try {
      if (name === 'contacts.upsert' || name === 'messaging-history.set') echoes.forgetNames()
      const news = withoutEchoes(name, payload)
      if (news !== null) enqueue(() => take(name, news))
    } catch (error) {
      failed(error)
    }
  }

  async function take<E extends BaileysEventName>(name: E, news: BaileysEventMap[E]): Promise<void> {
    if (name === 'messaging-history.set') return takeHistory(news as BaileysEventMap['messaging-history.set'])
    write(await translation.of(name, news))
  }

  /** What is left of an event; null for nothing. */
  function withoutEchoes<E extends BaileysEventName>(name: E, payload: BaileysEventMap[E]): BaileysEventMap[E] | null {
    switch (name) {
      case 'messages.upsert': {
        const upsert = payload as BaileysEventMap['messages.upsert']
        const messages = upsert.messages.filter((message) => !echoes.isMessage(message))
        return messages.length === 0 ? null : ({ ...upsert, messages } as BaileysEventMap[E])
      }
      case 'chats.update':
        return orNull((payload as BaileysEventMap['chats.update']).filter((update) => !echoes.isChat(update))) as BaileysEventMap[E] | null
      case 'contacts.update':
        return orNull((payload as BaileysEventMap['contacts.update']).filter((update) => !echoes.isContact(update))) as BaileysEventMap[E] | null
      default:
        return payload
    }
  }

  async function takeHistory(history: BaileysEventMap['messaging-history.set']): Promise<void> {
    const ahead: Promise<void>[] = []
    for await (const piece of translation.ofHistory(history)) {
      write(piece)
      ahead.push(writes.settled())
      if (ahead.length > HISTORY_AHEAD) await ahead.shift()
      else await breathe()
    }
  }

  function write({ changes, unknownGroups }: Translated): void {
    writes.write(changes)
    for (const id of unknownGroups) askGroup(id)
  }

  /** A group of which only a change is known is asked for, once at a time. */
  function askGroup(id: string): void {
    if (asked.has(id)) return
    asked.add(id)
    socket
      .groupMetadata(id)
      .then((metadata) => enqueue(async () => {
        const { directory, nowMs } = await translation.context('groups.upsert', [metadata])
        writes.write(record({ type: 'group.updated', id, group: toGroup(metadata, directory), changed: {}, by: null }, nowMs))
      }))
      .catch(() => log.debug({ session: sessionId }, 'a group could not be asked for'))
      .finally(() => asked.delete(id))
  }

  socket.ev.process((events) => {
    for (const [name, payload] of Object.entries(events)) hear(name as BaileysEventName, payload)
  })
  hearPairs(socket, (pairs) => hear('contacts.upsert', pairs.map(({ lid, pn }) => ({ id: pn, lid }))))

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

const orNull = <Item>(items: readonly Item[]): readonly Item[] | null => (items.length === 0 ? null : items)
