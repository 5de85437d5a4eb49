import type { Account } from './accounts.ts'
import type { Storage } from './storage.ts'

/** A message that a person's phone received and decrypted: each id once per chat and sender, with how many copies came. */
export type ReceivedMessage = {
  id: string
  /** `<phone>@s.whatsapp.net` or the group's address. */
  chat: string
  /** The sender's phone. */
  from: string
  fromMe: boolean
  type: string
  text: string | null
  /** The message it changes: what is edited, deleted, reacted to or voted on. */
  target: string | null
  /** Unix seconds. */
  timestamp: number
  copies: number
  /** How many copies could not be decrypted. */
  undecryptable: number
  /** Place in the order of arrival at this phone. */
  order: number
  /** The protobuf itself, for whoever answers it. */
  content: Buffer
}

/** A message a phone wrote, kept so that it can be sent again. */
export type SentMessage = {
  id: string
  chat: string
  content: Buffer
  timestamp: number
  /** The strongest receipt that came for it, by reader's phone. */
  receipts: Record<string, 'delivered' | 'read' | 'played'>
}

/** What the phones received and wrote. */
export type Mailboxes = {
  /** Counts a copy; the same row for every copy of one id. */
  receive(owner: Account, message: Omit<ReceivedMessage, 'copies' | 'undecryptable' | 'order'>): ReceivedMessage
  /** Counts a copy nobody could read; answers how often that happened to this id. */
  missed(owner: Account, chat: string, from: string, id: string): number
  /** All that a phone received, in the order of arrival. */
  list(owner: Account): ReceivedMessage[]
  find(owner: Account, id: string): ReceivedMessage | undefined
  keepSent(owner: Account, message: SentMessage): void
  sent(owner: Account, id: string): SentMessage | undefined
  hasSent(owner: Account, id: string): boolean
  /** Notes a receipt for something the phone wrote. */
  noteReceipt(owner: Account, id: string, reader: Account, kind: 'delivered' | 'read' | 'played'): void
  forget(): void
}

const STRENGTH = { delivered: 1, read: 2, played: 3 }

/** Opens the mailboxes kept in storage. */
export const openMailboxes = (storage: Storage): Mailboxes => {
  const received = storage.collection<ReceivedMessage>('received')
  const failures = storage.collection<number>('undecryptable')
  const written = storage.collection<SentMessage>('sent')
  const boxes = new Map<string, Map<string, ReceivedMessage>>()
  const boxOf = (phone: string): Map<string, ReceivedMessage> => {
    const box = boxes.get(phone) ?? new Map<string, ReceivedMessage>()
    boxes.set(phone, box)
    return box
  }
  let last = 0
  for (const [key, message] of [...received.entries()].toSorted(([, a], [, b]) => a.order - b.order)) {
    boxOf(key.split('/')[0] ?? '').set(key, message)
    last = Math.max(last, message.order)
  }
  const keyOf = (owner: Account, chat: string, from: string, id: string): string => `${owner.phone}/${chat}/${from}/${id}`

  return {
    receive: (owner, message) => {
      const key = keyOf(owner, message.chat, message.from, message.id)
      const known = received.get(key)
      const row = known ?? { ...message, copies: 0, undecryptable: failures.get(key) ?? 0, order: ++last }
      row.copies += 1
      received.set(key, row)
      boxOf(owner.phone).set(key, row)
      return row
    },
    missed: (owner, chat, from, id) => {
      const key = keyOf(owner, chat, from, id)
      const count = (failures.get(key) ?? 0) + 1
      failures.set(key, count)
      const known = received.get(key)
      if (known) received.set(key, Object.assign(known, { undecryptable: count }))
      return count
    },
    list: (owner) => [...boxOf(owner.phone).values()],
    find: (owner, id) => [...boxOf(owner.phone).values()].findLast((message) => message.id === id),
    keepSent: (owner, message) => written.set(`${owner.phone}/${message.id}`, message),
    sent: (owner, id) => written.get(`${owner.phone}/${id}`),
    hasSent: (owner, id) => written.has(`${owner.phone}/${id}`),
    noteReceipt: (owner, id, reader, kind) => {
      const message = written.get(`${owner.phone}/${id}`)
      if (!message) return
      const before = message.receipts[reader.phone]
      if (before && STRENGTH[before] >= STRENGTH[kind]) return
      message.receipts[reader.phone] = kind
      written.set(`${owner.phone}/${id}`, message)
    },
    forget: () => {
      boxes.clear()
      last = 0
    },
  }
}
