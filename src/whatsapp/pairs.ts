import type { LIDMapping, WASocket } from '@whiskeysockets/baileys'
import { newest } from './cache.ts'

/** Pairs of a session that are not told twice. */
const REMEMBERED = 2000

/**
 * Hears which phone and LID are one person whenever Baileys stores it: what WhatsApp answers to its own questions (before a send,
 * lib/Socket/messages-send.js, getUSyncDevices) comes as no event.
 */
export function hearPairs(socket: WASocket, tell: (pairs: readonly LIDMapping[]) => void): void {
  const { lidMapping } = socket.signalRepository
  const keep = lidMapping.storeLIDPNMappings.bind(lidMapping)
  const told = newest<string>(REMEMBERED)
  lidMapping.storeLIDPNMappings = async (pairs) => {
    await keep(pairs)
    const fresh = pairs.filter(({ lid, pn }) => told.get(lid) !== pn)
    for (const { lid, pn } of fresh) told.set(lid, pn)
    if (fresh.length > 0) tell(fresh)
  }
}
