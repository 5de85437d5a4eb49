import { setTimeout as sleep } from 'node:timers/promises'
import { DisconnectReason, S_WHATSAPP_NET, type WASocket } from '@whiskeysockets/baileys'
import { statusOf } from '../status-code.ts'

/** Sends WhatsApp's own logout and waits for its answer, at most `waitMs`; a stream error that ends the link counts as one. */
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
  const over = new AbortController()
  const silence = sleep(waitMs, false, { signal: over.signal }).catch(() => false)
  // A query that fails because the socket closes says nothing: the reason of the close does.
  const outcome = answered.catch((error: unknown) => (statusOf(error as Error) === DisconnectReason.connectionClosed ? cut : false))
  return Promise.race([outcome, cut, silence]).finally(() => over.abort())
}
