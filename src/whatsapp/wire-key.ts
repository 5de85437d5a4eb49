import type { proto } from '@whiskeysockets/baileys'
import { isGroup } from '../jid.ts'
import type { MessageKey } from '../store/store.ts'

/** How WhatsApp names a message: in a group with who wrote it, unless that was ourselves. */
export const wireKey = ({ chatId, id, sender }: MessageKey): proto.IMessageKey & { remoteJid: string; fromMe: boolean; id: string } => ({
  remoteJid: chatId, fromMe: sender === '', id, ...(sender !== '' && isGroup(chatId) && { participant: sender }),
})
