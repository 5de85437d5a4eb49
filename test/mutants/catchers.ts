import { faults } from './mutant.ts'

/** On a fast disk a frame hardly ever overtakes what it depends on: most of the guard shows its worth on a slow one. */
const SLOW_MS = 40
const INBOUND = { messages: 240, sends: 80, kills: 6, resets: 5 }

/** What the sessions tell of what they hear, and send meanwhile, under kills and resets. */
export const inbound = faults('faults: inbound', 'inbound', INBOUND)

/** The same harm to a gateway of stock Baileys. */
export const stockInbound = faults('faults: inbound', 'inbound', { ...INBOUND, subject: 'stock' }, 1)

/** The same on a slow disk. */
export const inboundSlow = faults('faults: inbound, slow disk', 'inbound', { messages: 200, sends: 80, kills: 7, resets: 4, 'commit-ms': SLOW_MS })

/** Mostly what the sessions send, with a hundred posts of one key at once. */
export const outbound = faults('faults: outbound, slow disk', 'outbound', { messages: 60, sends: 250, kills: 6, resets: 5, 'commit-ms': SLOW_MS })

/** Disks that fail for a moment. */
export const store = faults('faults: store', 'store', { messages: 150, sends: 60, 'store-faults': 12 })

/** Gateways that die while they link. */
export const linking = faults('faults: linking, slow disk', 'sessions', { sessions: 10, kills: 2, 'link-kills': 10 })
