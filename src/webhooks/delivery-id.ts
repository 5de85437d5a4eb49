/** Which delivery of a webhook an id names. */
export interface DeliveryPlace {
  readonly sessionId: string
  readonly seq: number
}

const PREFIX = 'dlv_'

/** The opaque id of a delivery, unique within its webhook. */
export const toDeliveryId = ({ sessionId, seq }: DeliveryPlace): string => PREFIX + Buffer.from(`${seq}.${sessionId}`).toString('base64url')

/** What an id names, or null when it is none of ours. */
export function parseDeliveryId(id: string): DeliveryPlace | null {
  if (!id.startsWith(PREFIX)) return null
  const [, seq, sessionId] = /^([1-9]\d{0,14})\.(.+)$/.exec(Buffer.from(id.slice(PREFIX.length), 'base64url').toString()) ?? []
  if (seq === undefined || sessionId === undefined) return null
  const place = { sessionId, seq: Number(seq) }
  return toDeliveryId(place) === id ? place : null
}
