import { hash as digest } from 'node:crypto'
import { cleanMessage, decodeMessageNode, proto, unpadRandomMax16, type BinaryNode, type WAMessage, type WASocket } from '@whiskeysockets/baileys'
import type { Log } from '../../log.ts'
import type { Change, Store } from '../../store/store.ts'
import { watchArrivals, type Arrivals } from './arrivals.ts'
import { echoes, type Echoes } from './echoes.ts'
import type { KeyTransaction } from './key-layer.ts'
import type { DecryptJournal } from './signal-repository.ts'
import type { WriteBehind } from './write-behind.ts'

/** Ciphertexts whose receipts are acknowledged are forgotten this many at a time, or this long after the first. */
const FORGET_BATCH = 200
const FORGET_MS = 500

/** Receipts that say something else of a message than that it arrived: their acknowledgements end nothing. */
const FURTHER_RECEIPTS = new Set(['retry', 'hist_sync', 'read', 'read-self', 'played', 'server-error'])

/** One stanza, and the ciphertexts in it that had their turn. */
interface Handled {
  readonly stanza: BinaryNode
  readonly hashes: string[]
}

/** What a journal works with. */
export interface JournalParts {
  readonly sessionId: string
  readonly store: Store
  readonly writes: WriteBehind
  readonly log: Log
  /** What a notice of the own phone writes at once, beside staying open until Baileys has processed it. */
  keepNotice(message: WAMessage, transaction: KeyTransaction): void
  /** The rows and log entries of a decrypted message. */
  changesOf(message: WAMessage, offline: boolean): Promise<readonly Change[]>
}

/** The journal of one socket. */
export interface Journal extends DecryptJournal {
  /** To be called as soon as the socket exists, before it can hear anything. */
  attach(socket: WASocket): void
  /** What of Baileys' later events was written already. */
  readonly echoes: Echoes
  /** Processes the notices of the own phone that an earlier process decrypted and did not finish. */
  replay(socket: WASocket): Promise<void>
  stop(): void
}

/**
 * Writes each decrypted message in the commit of its ratchet step: Baileys commits the ratchet first, sends the receipt and only
 * then emits the message (lib/Socket/messages-recv.js, handleMessage), so a crash in between would lose it for ever.
 */
export function decryptJournal({ sessionId, store, writes, log, keepNotice, changesOf }: JournalParts): Journal {
  let arrivals: Arrivals | null = null
  let me: () => { id: string; lid: string } = () => ({ id: '', lid: '' })
  const heard = echoes()
  /** By message id, in the order in which they had their turn, which is that of their receipts: a send that was repeated comes as several stanzas under one id. */
  const handled = new Map<string, Handled[]>()
  let acknowledged: string[] = []
  /** Each ciphertext is asked for before and written after its decryption. */
  const hashes = new WeakMap<Uint8Array, string>()
  let timer: NodeJS.Timeout | null = null

  function hashOf(ciphertext: Uint8Array): string {
    const hash = hashes.get(ciphertext) ?? digest('sha256', ciphertext, 'base64url')
    hashes.set(ciphertext, hash)
    return hash
  }

  function forget(): void {
    timer = null
    if (acknowledged.length === 0) return
    const ended = acknowledged
    acknowledged = []
    try {
      writes.write([{ kind: 'journal.forget', hashes: ended }])
    } catch {
      // The store failed and the connection is ending; what is left is pruned by age.
    }
  }

  function hasTurn(ciphertext: Uint8Array, hash: string): void {
    const stanza = arrivals?.stanzaOf(ciphertext)
    const id = stanza?.attrs['id']
    if (stanza === undefined || id === undefined) return
    const all = handled.get(id) ?? []
    handled.set(id, all)
    const last = all.at(-1)
    if (last?.stanza === stanza) last.hashes.push(hash)
    else all.push({ stanza, hashes: [hash] })
  }

  /** WhatsApp will not send the oldest of the stanzas under this id again; another one it may. */
  const onReceiptAck = ({ attrs: { id, type } }: BinaryNode): void => {
    const all = id === undefined ? undefined : handled.get(id)
    if (id === undefined || all === undefined || (type !== undefined && FURTHER_RECEIPTS.has(type))) return
    acknowledged.push(...(all.shift()?.hashes ?? []))
    if (all.length === 0) handled.delete(id)
    if (acknowledged.length >= FORGET_BATCH) forget()
    else timer ??= setTimeout(forget, FORGET_MS)
  }

  return {
    attach(socket) {
      arrivals = watchArrivals(socket)
      me = () => ({ id: socket.authState.creds.me?.id ?? '', lid: socket.authState.creds.me?.lid ?? '' })
      socket.ws.on('CB:ack,class:receipt', onReceiptAck)
    },
    async known(ciphertext) {
      const hash = hashOf(ciphertext)
      hasTurn(ciphertext, hash)
      const row = await store.journal.get(sessionId, hash)
      return row?.plaintext ?? null
    },
    async decrypted(ciphertext, plaintext, transaction) {
      const stanza = arrivals?.stanzaOf(ciphertext)
      if (!stanza) return
      const message = toMessage(stanza, plaintext, me())
      const own = stanza.attrs['category'] === 'peer'
      const open = own ? proto.WebMessageInfo.encode(message).finish() : null
      const hash = hashOf(ciphertext)
      transaction.add([{ kind: 'journal.put', row: { hash, messageId: stanza.attrs['id'] ?? '', plaintext, open, at: Date.now() } }])
      if (own) keepNotice(message, transaction)
      if (own || !hasContent(message.message)) return
      const changes = await changesOf(message, stanza.attrs['offline'] !== undefined)
      transaction.add(changes)
      heard.wrote(message, changes)
    },
    tried: (ciphertext) => arrivals?.tried(ciphertext),
    echoes: heard,
    async replay(socket) {
      for (const row of await store.journal.open(sessionId)) {
        const message = proto.WebMessageInfo.decode(row.open ?? Buffer.alloc(0)) as WAMessage
        message.category = 'peer'
        await socket.upsertMessage(message, 'append')
        socket.ev.flush()
        writes.write([{ kind: 'journal.close', hash: row.hash }])
        log.debug({ session: sessionId }, 'a notice of the own phone was processed again')
      }
    },
    stop() {
      if (timer) clearTimeout(timer)
      forget()
    },
  }
}

/** The message as Baileys itself would emit it. */
function toMessage(stanza: BinaryNode, plaintext: Uint8Array, { id, lid }: { id: string; lid: string }): WAMessage {
  const { fullMessage } = decodeMessageNode({ tag: stanza.tag, attrs: stanza.attrs }, id, lid)
  const content = proto.Message.decode(unpadRandomMax16(plaintext))
  fullMessage.message = content.deviceSentMessage?.message ?? content
  cleanMessage(fullMessage, id, lid)
  return fullMessage
}

/** A sender key or a secret alone is nothing to tell. */
function hasContent(message: proto.IMessage | null | undefined): boolean {
  return Object.entries(message ?? {}).some(([name, value]) => value !== null && value !== undefined && name !== 'senderKeyDistributionMessage' && name !== 'messageContextInfo')
}
