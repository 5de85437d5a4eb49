import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { proto, type BaileysEventMap, type WAMessage } from '@whiskeysockets/baileys'
import type { MessageType } from '../../../schemas/message.ts'
import type { DomainEvent } from '../../../src/events/domain.ts'
import type { ChatRow, ContactRow, GroupRow } from '../../../src/store/store.ts'
import { directoryOf, type Own } from '../../../src/whatsapp/inbound/directory.ts'
import type { BaileysEventName, InboundContext } from '../../../src/whatsapp/inbound/index.ts'

/** One Baileys event and what it tells, as a file. Bytes are `{ "$bytes": base64 }`, dates `{ "$date": text }`. */
export interface Golden<E extends BaileysEventName = BaileysEventName> {
  readonly about: string
  readonly event: E
  readonly known?: {
    readonly contacts?: readonly ContactRow[]
    readonly groups?: readonly GroupRow[]
    readonly chats?: readonly ChatRow[]
    readonly senders?: Readonly<Record<string, string>>
    readonly types?: Readonly<Record<string, MessageType>>
    readonly sentHere?: readonly string[]
  }
  readonly payload: unknown
  readonly events: readonly unknown[]
}

/** The account in every file. */
export const OWN: Own = { phone: '15550001000', lid: '900000000000001' }
/** The time in every file. */
export const NOW_MS = 1_760_000_000_000

const FOLDER = join(import.meta.dirname, '../../fixtures/inbound')

/** The names of all files. */
export const goldenNames = (): string[] => readdirSync(FOLDER).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length)).sort()

/** One file, its payload revived. */
export const readGolden = (name: string): Golden => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Golden

/** Writes a file with other events. */
export function writeGolden(name: string, golden: Golden, events: readonly unknown[]): void {
  writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify({ ...golden, events }, null, 2)}\n`)
}

/** What the file says is known. */
export function contextOf({ known = {} }: Golden): InboundContext {
  const contacts = new Map<string, ContactRow>()
  for (const contact of known.contacts ?? []) {
    if (contact.phone !== null) contacts.set(`${contact.phone}@s.whatsapp.net`, contact)
    if (contact.lid !== null) contacts.set(`${contact.lid}@lid`, contact)
  }
  return {
    directory: directoryOf(OWN, {
      contacts,
      groups: new Map((known.groups ?? []).map((group) => [group.id, group])),
      chats: new Map((known.chats ?? []).map((chat) => [chat.id, chat])),
      senders: new Map(Object.entries(known.senders ?? {})),
      types: new Map(Object.entries(known.types ?? {})),
    }),
    nowMs: NOW_MS,
    sentHere: (id) => known.sentHere?.includes(id) ?? false,
    encode: true,
  }
}

/** The payload as Baileys hands it over: bytes as bytes, and messages as decoded protobuf. */
export function payloadOf<E extends BaileysEventName>(golden: Golden<E>): BaileysEventMap[E] {
  const payload = revive(golden.payload)
  if (golden.event === 'messages.upsert' || golden.event === 'messaging-history.set') {
    const { messages } = payload as { messages: WAMessage[] }
    for (const message of messages) if (message.message) message.message = decoded(message.message)
  }
  return payload as BaileysEventMap[E]
}

/** Events as JSON keeps them. */
export const toJson = (events: readonly DomainEvent[]): unknown[] => JSON.parse(JSON.stringify(events, (_key, value: unknown) => {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  return isJsonBuffer(value) ? { $bytes: Buffer.from(value.data).toString('base64') } : value
})) as unknown[]

const decoded = (message: proto.IMessage): proto.IMessage => proto.Message.decode(proto.Message.encode(proto.Message.fromObject(message)).finish())

/** A Buffer turns itself into this before a replacer sees it. */
const isJsonBuffer = (value: unknown): value is { readonly data: number[] } => typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value

function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive)
  if (typeof value !== 'object' || value === null) return value
  if ('$bytes' in value) return Buffer.from(String(value.$bytes), 'base64')
  if ('$date' in value) return new Date(String(value.$date))
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, revive(one)]))
}
