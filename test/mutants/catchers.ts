import { faults } from './mutant.ts'

/** On a fast disk a frame hardly ever overtakes what it depends on: most of the guard shows its worth on a slow one. */
const SLOW_MS = 40
/** What takes long and shows nothing more here. */
const BRIEF = { 'half-open': 0, stops: 0 }
const INBOUND = { ...BRIEF, messages: 240, sends: 80, kills: 6, resets: 6, 'timed-resets': 2 }

/** What the sessions tell of what they hear, and send meanwhile, under kills and resets. */
export const inbound = faults('faults: inbound', 'inbound', INBOUND)

/** The same harm to a gateway of stock Baileys. */
export const stockInbound = faults('faults: inbound', 'inbound', { ...INBOUND, 'timed-resets': 0, subject: 'stock' }, 1)

/** The same on a slow disk. */
export const inboundSlow = faults('faults: inbound, slow disk', 'inbound', { ...BRIEF, messages: 240, sends: 80, kills: 12, resets: 4, 'timed-resets': 2, 'commit-ms': SLOW_MS })

/** Mostly what the sessions send, with a hundred posts of one key at once. */
export const outbound = faults('faults: outbound, slow disk', 'outbound', { ...BRIEF, messages: 60, sends: 250, kills: 7, resets: 5, 'timed-resets': 0, 'commit-ms': SLOW_MS })

/** Disks that fail for a moment. */
export const store = faults('faults: store, slow disk', 'store', { ...BRIEF, messages: 200, sends: 60, resets: 0, 'timed-resets': 0, 'store-faults': 3, 'commit-ms': SLOW_MS })

/** Gateways that die while they link. */
export const linking = faults('faults: linking', 'sessions', { sessions: 8, kills: 0, 'link-kills': 8, 'refill-kills': 0, 'history-kills': 0 })
