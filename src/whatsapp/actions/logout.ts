import { DisconnectReason, S_WHATSAPP_NET, type WASocket } from '@whiskeysockets/baileys'
import { statusOf } from '../status-code.ts'

/** Sends WhatsApp's own logout and waits for its answer; a stream error that ends the link counts as one. */
export async function removeDevice(socket: WASocket, waitMs: number): Promise<boolean> {
  const jid = socket.authState.creds.me?.id
  if (!jid) return false
  const cut = new Promise<boolean>((resolve) => {
    socket.ev.on('connection.update', ({ connection, lastDisconnect }) => {
      if (connection === 'close') resolve(statusOf(lastDisconnect?.error) === DisconnectReason.loggedOut)
    })
  })
  const answered = socket
    .query({ tag: 'iq', attrs: { to: S_WHATSAPP_NET, type: 'set', xmlns: 'md' }, content: [{ tag: 'remove-companion-device', attrs: { jid, reason: 'user_initiated' } }] }, waitMs)
    .then((answer: unknown) => answer !== undefined)
  return Promise.race([answered.catch(() => cut), cut])
}
