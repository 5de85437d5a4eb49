import { proto, type BaileysEventMap, type WAMessageKey, type WASocket } from '@whiskeysockets/baileys'
import type { Refresh } from '../../../schemas/chat.ts'
import { Problem } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Store } from '../../store/store.ts'

/** Baileys' ALL_WA_PATCH_NAMES. */
const COLLECTIONS = ['critical_block', 'critical_unblock_low', 'regular_high', 'regular_low', 'regular'] as const
/** How long the phone may take for one chat. */
const ANSWER_MS = 20_000

/** What a refresh asks for: the most recent chats, and older messages in each. */
export interface RefreshAsk {
  readonly chats: number
  readonly messages: number
}

/** What a refresh works with. */
export interface RefreshParts {
  readonly sessionId: string
  readonly socket: WASocket
  readonly store: Store
  readonly log: Log
  /** Resolves when all that the socket told so far can be read. */
  taken(): Promise<void>
}

/** A refresh under way; there is at most one a session. */
export interface RefreshRun {
  /** How far it is; WHATSAPP_UNAVAILABLE when it ended early. */
  progress(): Promise<Refresh>
  /** Resolves when every chat was asked about, or it ended early. */
  readonly done: Promise<void>
}

/** Re-syncs the app state, then asks the phone for older messages chat by chat. */
export function startRefresh({ sessionId, socket, store, log, taken }: RefreshParts, ask: RefreshAsk): RefreshRun {
  let loaded = 0
  let requested = 0
  let state: 'running' | 'ok' | 'cut' = 'running'

  async function run(): Promise<void> {
    await socket.resyncAppState(COLLECTIONS, false)
    socket.ev.flush()
    const { rows } = ask.chats === 0 ? { rows: [] } : await store.chats.page(sessionId, { limit: ask.chats, cursor: null })
    requested = rows.length
    for (const { id } of rows) if (socket.ws.isOpen && (await askOlder(id))) loaded += 1
    if (!socket.ws.isOpen) throw new Error('the connection was lost')
    await taken()
  }

  /** True when the phone answered for the chat; a chat without a message has no place to ask from, and counts. */
  async function askOlder(chatId: string): Promise<boolean> {
    const oldest = await store.messages.oldest(sessionId, chatId)
    if (!oldest?.raw) return true
    const { key } = proto.WebMessageInfo.decode(oldest.raw)
    const answered = historyAnswer(socket)
    try {
      answered.expect(await socket.fetchMessageHistory(ask.messages, key as WAMessageKey, oldest.timestamp * 1000))
      return await answered.arrived
    } catch (error) {
      log.warn({ session: sessionId, error: (error as Error).name }, 'older messages could not be asked for')
      return false
    } finally {
      answered.stop()
    }
  }

  const done = run().then(
    () => {
      state = 'ok'
    },
    (error: unknown) => {
      state = 'cut'
      log.warn({ session: sessionId, error: (error as Error).name }, 'a refresh stopped early')
    },
  )

  return {
    done,
    async progress() {
      if (state === 'cut') throw new Problem('WHATSAPP_UNAVAILABLE', `The refresh stopped early, after ${loaded} of ${requested} chats; ask again.`, { retryAfterSeconds: 5 })
      return { status: state, chatsCount: await store.chats.count(sessionId), loadedChatsCount: loaded, requestedChatsCount: requested }
    },
  }
}

/** Waits for the history that answers one request; listening starts before the request leaves. */
function historyAnswer(socket: WASocket): { expect(requestId: string): void; readonly arrived: Promise<boolean>; stop(): void } {
  const early = new Set<string>()
  let wanted: string | null = null
  let tell: (arrived: boolean) => void = () => undefined
  const arrived = new Promise<boolean>((resolve) => {
    tell = resolve
  })
  const timer = setTimeout(() => tell(false), ANSWER_MS)
  const onHistory = ({ peerDataRequestSessionId: id }: BaileysEventMap['messaging-history.set']): void => {
    if (!id) return
    if (id === wanted) tell(true)
    else early.add(id)
  }
  const onClose = ({ connection }: BaileysEventMap['connection.update']): void => {
    if (connection === 'close') tell(false)
  }
  socket.ev.on('messaging-history.set', onHistory)
  socket.ev.on('connection.update', onClose)
  return {
    arrived,
    expect(requestId) {
      wanted = requestId
      if (early.has(requestId)) tell(true)
    },
    stop() {
      clearTimeout(timer)
      socket.ev.off('messaging-history.set', onHistory)
      socket.ev.off('connection.update', onClose)
    },
  }
}
