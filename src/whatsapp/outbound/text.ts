import type { proto } from '@whiskeysockets/baileys'
import type { SendMessage } from '../../../schemas/message.ts'

/** A text as WhatsApp's own clients send one. */
export const toText = ({ text }: SendMessage): proto.IMessage => ({ extendedTextMessage: { text } })
