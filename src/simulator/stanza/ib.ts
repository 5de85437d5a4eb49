import type { StanzaHandler } from './index.ts'
import { children } from './node.ts'

/** What a client tells the server without wanting an answer. */
const KNOWN = new Set(['unified_session', 'offline_batch'])

/** `<ib>`: telemetry and the size of the offline batches it would like; the queue goes out whole anyway. */
export const takeInfo: StanzaHandler = ({ world }, stanza) => {
  for (const { tag } of children(stanza)) if (!KNOWN.has(tag)) world.unknown.report(`ib ${tag}`, stanza)
  return undefined
}
