import { S_WHATSAPP_NET, type ConnectionState, type WASocket } from '@whiskeysockets/baileys'

/** How long after the login WhatsApp may take to announce what waited. */
const ANNOUNCED_MS = 5000

/** What the watch can be told. */
export interface QueueWatch {
  /** The connection is open: from now on the announcement is due. */
  opened(): void
  stop(): void
}

/**
 * Baileys asks once for what waited, and opens the connection whether or not that was answered (lib/Socket/socket.js, sendPassiveIq):
 * then nothing would ever come in. Where the announcement does not come, this asks again, and gives up without an answer.
 */
export function watchQueue(socket: WASocket, giveUp: (reason: string) => void): QueueWatch {
  let due: NodeJS.Timeout | undefined
  let announced = false
  let stopped = false

  socket.ev.on('connection.update', ({ receivedPendingNotifications }: Partial<ConnectionState>) => {
    if (receivedPendingNotifications !== true) return
    announced = true
    clearTimeout(due)
  })

  async function ask(): Promise<void> {
    const answer: unknown = await socket.query({ tag: 'iq', attrs: { to: S_WHATSAPP_NET, xmlns: 'passive', type: 'set' }, content: [{ tag: 'active', attrs: {} }] }).catch(() => undefined)
    if (answer === undefined && !announced && !stopped) giveUp('WhatsApp does not deliver')
  }

  return {
    opened() {
      if (!announced && !stopped) due = setTimeout(() => void ask(), ANNOUNCED_MS)
    },
    stop() {
      stopped = true
      clearTimeout(due)
    },
  }
}
