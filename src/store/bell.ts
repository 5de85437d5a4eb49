import { EventEmitter } from 'node:events'
import type { Change } from './store.ts'

/** Rings when entries of a session's log have become durable; it carries no data but whose log it is, so whoever hears it reads the log. */
export interface Bell {
  ring(sessionId: string): void
  /** Rings for each session that somebody listens to, and once, with '', for those who hear of every one: any log may have grown. */
  ringAll(): void
  /** `sessionId` null hears of every session. The answer ends it. */
  on(sessionId: string | null, listener: (sessionId: string) => void): () => void
}

const EVERY = 'every session'
/** No session's id may be a name that the emitter itself understands, such as `error`. */
const OF = 'session '
const nameOf = (sessionId: string | null): string => (sessionId === null ? EVERY : `${OF}${sessionId}`)

/** The bell of one store. */
export function makeBell(): Bell {
  const emitter = new EventEmitter().setMaxListeners(0)
  return {
    ring(sessionId) {
      emitter.emit(nameOf(sessionId), sessionId)
      emitter.emit(EVERY, sessionId)
    },
    ringAll() {
      for (const name of emitter.eventNames()) if (typeof name === 'string') emitter.emit(name, name === EVERY ? '' : name.slice(OF.length))
    },
    on(sessionId, listener) {
      emitter.on(nameOf(sessionId), listener)
      return () => void emitter.off(nameOf(sessionId), listener)
    },
  }
}

/** Whether the changes may have written to the log. */
export const mayTell = (changes: readonly Change[]): boolean => changes.some((change) => ('event' in change && change.event !== undefined) || ('moved' in change && change.moved !== undefined))
