import type { BinaryNode } from '../stanza/node.ts'
import type { SimulatorLogger } from './world.ts'

/** A kind of stanza nobody here names, and how often it came. */
export type UnknownStanza = { what: string; count: number }

/** The register of stanzas that were answered "not implemented". */
export type UnknownStanzas = {
  report(what: string, stanza: BinaryNode): void
  list(): UnknownStanza[]
  clear(): void
}

/** Counts unknown stanzas and logs each loudly, by shape only: never their content. */
export const openUnknown = (logger: SimulatorLogger): UnknownStanzas => {
  const counts = new Map<string, number>()
  return {
    report: (what, stanza) => {
      counts.set(what, (counts.get(what) ?? 0) + 1)
      logger.warn({ what, attributes: Object.keys(stanza.attrs) }, 'a stanza this simulator does not implement')
    },
    list: () => [...counts].map(([what, count]) => ({ what, count })),
    clear: () => counts.clear(),
  }
}
