import { BufferJSON, proto, type SignalDataTypeMap } from '@whiskeysockets/baileys'

/** Types whose values are plain JSON as libsignal makes them (src/session_record.js, serialize), and by far the most common ones. */
const PLAIN = new Set(['session'])

/** A key as the store holds it. */
export const stringifyKey = (type: string, value: unknown): string =>
  PLAIN.has(type) ? JSON.stringify(value) : JSON.stringify(type === 'sender-key' ? repairSenderKey(value) : value, BufferJSON.replacer)

/** A key as Baileys holds it; a fresh object each time. */
export function parseKey<T extends keyof SignalDataTypeMap>(type: T, text: string): SignalDataTypeMap[T] {
  const value: unknown = PLAIN.has(type) ? JSON.parse(text) : JSON.parse(text, BufferJSON.reviver)
  return (type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value as Record<string, unknown>) : value) as SignalDataTypeMap[T]
}

/**
 * Skipped message keys of a sender key are stringified without their replacer (lib/Signal/libsignal.js, storeSenderKey) and come
 * back as plain objects, so a group message that arrives out of order could never be read: written here as base64.
 */
function repairSenderKey(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value
  const record: unknown = JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8'))
  repairLists(record)
  return Buffer.from(JSON.stringify(record), 'utf8')
}

/** A record may hold 2,000 skipped keys of 32 bytes each: a walk over it takes a quarter of the time of a reviver, which is called for each byte. */
function repairLists(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (isByteList(value)) Object.assign(value, { data: Buffer.from(value.data).toString('base64') })
  else for (const inner of Object.values(value)) repairLists(inner)
}

const isByteList = (value: object): value is { data: number[] } => (value as { type?: unknown }).type === 'Buffer' && Array.isArray((value as { data?: unknown }).data)
