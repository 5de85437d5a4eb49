import { EventEmitter } from 'node:events'
import type { LiveFact } from './logged.ts'

/** What only holds for the moment: told to whoever listens just now, and kept nowhere. */
export interface LiveChannel {
  tell(sessionId: string, fact: LiveFact): void
  /** `sessionId` null hears of every session. The answer ends it. */
  listen(sessionId: string | null, listener: (sessionId: string, fact: LiveFact) => void): () => void
}

/** A channel beside the log. */
export function liveChannel(): LiveChannel {
  const emitter = new EventEmitter().setMaxListeners(0)
  return {
    tell: (sessionId, fact) => void emitter.emit('fact', sessionId, fact),
    listen(wanted, listener) {
      const hear = (sessionId: string, fact: LiveFact): void => {
        if (wanted === null || wanted === sessionId) listener(sessionId, fact)
      }
      emitter.on('fact', hear)
      return () => void emitter.off('fact', hear)
    },
  }
}
