import { proto, type WAMessage } from '@whiskeysockets/baileys'
import { lidJid, phoneJid } from '../../jid.ts'
import type { People } from './people.ts'
import { toNumber } from './values.ts'

const { LID_MIGRATION_MAPPING_SYNC } = proto.Message.ProtocolMessage.Type

/** Takes the pairs that our own phone sends when it moves its chats from phone numbers to LIDs. */
export function learnFromProtocol(message: WAMessage, people: People): void {
  const protocol = message.message?.protocolMessage
  if (!protocol || protocol.type !== LID_MIGRATION_MAPPING_SYNC || message.key?.fromMe !== true) return
  const payload = protocol.lidMigrationMappingSyncMessage?.encodedMappingPayload
  if (!payload) return
  for (const { pn, latestLid, assignedLid } of decode(payload)) {
    const lid = toNumber(latestLid) || toNumber(assignedLid)
    const phone = toNumber(pn)
    if (lid && phone) people.pair(lidJid(String(lid)), phoneJid(String(phone)))
  }
}

/** No mappings from a payload that is none. */
function decode(payload: Uint8Array): readonly proto.ILIDMigrationMapping[] {
  try {
    return proto.LIDMigrationMappingSyncPayload.decode(payload).pnToLidMappings
  } catch {
    return []
  }
}
