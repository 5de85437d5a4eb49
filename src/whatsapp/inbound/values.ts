/** The largest Unix second that is taken for a date: the end of the year 9999. */
const MAX_SECONDS = 253_402_300_799
/** Longer names are cut. */
const MAX_FILE_NAME = 255
/** A control character, or one that reverses the order of what follows. */
const UNSEEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
const SEPARATORS = /[/\\]/g
const LONE_SURROGATES = /[\ud800-\udfff]/gu
const MIMETYPE = /^[a-z0-9][\w!#$&^.+-]{0,126}\/[a-z0-9][\w!#$&^.+-]{0,126}(?:;[\x20-\x7e]{0,126})?$/i
/** What a file is when nobody says. */
const UNKNOWN_MIMETYPE = 'application/octet-stream'
const TWO_32 = 4_294_967_296

/** A protobuf integer (number, Long, or decimal text) as a number, null when it is none. */
export function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isNaN(value) ? null : value
  if (typeof value === 'string') return value.trim() === '' || Number.isNaN(Number(value)) ? null : Number(value)
  if (typeof value !== 'object' || value === null || !('low' in value) || !('high' in value)) return null
  const { low, high } = value
  if (typeof low !== 'number' || typeof high !== 'number') return null
  const unsigned = 'unsigned' in value && value.unsigned === true
  return (unsigned ? high >>> 0 : high | 0) * TWO_32 + (low >>> 0)
}

/** A whole number from 0 to `max`, else null. */
export function toCount(value: unknown, max = Number.MAX_SAFE_INTEGER): number | null {
  const number = toNumber(value)
  if (number === null) return null
  const whole = Math.trunc(number)
  return whole >= 0 && whole <= max ? whole : null
}

/** Unix seconds above zero, else null. */
export function toSeconds(value: unknown): number | null {
  const seconds = toCount(value, MAX_SECONDS)
  return seconds === 0 ? null : seconds
}

/** Unix milliseconds as whole Unix seconds above zero, else null. */
export function millisecondsToSeconds(value: unknown): number | null {
  const milliseconds = toNumber(value)
  return milliseconds === null ? null : toSeconds(milliseconds / 1000)
}

/** Unix milliseconds above zero, else null. */
export function toMilliseconds(value: unknown): number | null {
  const milliseconds = toCount(value, MAX_SECONDS * 1000)
  return milliseconds === 0 ? null : milliseconds
}

/** The text with lone surrogates replaced, null when it is no text. */
export function toText(value: unknown): string | null {
  if (typeof value !== 'string') return null
  return value.replace(LONE_SURROGATES, '\ufffd')
}

/** The text, null when it is empty or none. */
export function toFilledText(value: unknown): string | null {
  const text = toText(value)
  return text === '' ? null : text
}

/** A name that stays in its folder and shows what it is: no separators, no control characters; null when nothing is left. */
export function toFileName(value: unknown): string | null {
  const name = toText(value)?.replace(UNSEEN, '').replace(SEPARATORS, '').trim() ?? ''
  if (name === '' || /^\.+$/.test(name)) return null
  return name.length <= MAX_FILE_NAME ? name : Array.from(name).slice(0, MAX_FILE_NAME).join('')
}

/** A media type that may stand in a header. */
export function toMimetype(value: unknown): string {
  return typeof value === 'string' && MIMETYPE.test(value) ? value : UNKNOWN_MIMETYPE
}

/** Base64 of a hash of the given length, else null. */
export function toHash(value: unknown, bytes = 32): string | null {
  if (!(value instanceof Uint8Array) || value.length !== bytes) return null
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
}
