import type { proto } from '@whiskeysockets/baileys'
import { describe } from '../world/description.ts'

const TYPES: Record<string, string> = {
  text: 'text', edit: 'text', delete: 'text', protocol: 'text', reaction: 'reaction', poll: 'poll', pollVote: 'poll', event: 'event',
  eventResponse: 'event', location: 'text', disappearing: 'text', pin: 'text',
}

/** The `type` a message stanza carries for a content. */
export const stanzaType = (content: proto.IMessage): string => TYPES[describe(content).type] ?? 'media'

/** The `edit` attribute: 1 for an edit, 7 for the sender's own deletion, 2 for a pin. */
export const editAttribute = (content: proto.IMessage): string | undefined =>
  ({ edit: '1', delete: '7', pin: '2' })[describe(content).type]
