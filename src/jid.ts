/**
 * Phone <-> JID <-> LID: the only file that knows how WhatsApp spells an address.
 * A JID is `user[_agent][:device]@server`; ours never carry agent or device.
 */
const PERSON = 's.whatsapp.net'
const LID = 'lid'
const GROUP = 'g.us'
const NEWSLETTER = 'newsletter'
const BROADCAST = 'broadcast'

/** Digits of E.164 without the plus sign: 7 to 15, the first not zero (ITU-T E.164). */
const PHONE = /^[1-9]\d{6,14}$/
const USER = /^[\w-]{1,64}$/

/** Where status posts live. */
export const STATUS_CHAT = 'status@broadcast'
/** The address of the server itself. */
export const SERVER_JID = PERSON

const serverOf = (jid: string): string => jid.slice(jid.lastIndexOf('@') + 1)

/** What stands before agent, device and server; null without an at sign. Asked several times for each message of a history, so it makes nothing but the answer. */
function userOf(jid: string): string | null {
  const at = jid.lastIndexOf('@')
  if (at < 1) return null
  let end = 0
  while (end < at && jid[end] !== ':' && jid[end] !== '_') end += 1
  return jid.slice(0, end)
}

/** True for `...@g.us`. */
export const isGroup = (jid: string): boolean => serverOf(jid) === GROUP
/** True for `...@lid`. */
export const isLid = (jid: string): boolean => serverOf(jid) === LID
/** True for `...@s.whatsapp.net`. */
export const isPhoneJid = (jid: string): boolean => serverOf(jid) === PERSON
/** True for somebody's address in either form. */
export const isPerson = (jid: string): boolean => isPhoneJid(jid) || isLid(jid)
/** True for a channel. */
export const isNewsletter = (jid: string): boolean => serverOf(jid) === NEWSLETTER
/** True for a broadcast list or the status feed. */
export const isBroadcast = (jid: string): boolean => serverOf(jid) === BROADCAST

/** `<phone>@s.whatsapp.net`. */
export const phoneJid = (phone: string): string => `${phone}@${PERSON}`
/** `<lid>@lid`. */
export const lidJid = (lid: string): string => `${lid}@${LID}`

/** The digits of a phone JID, or null. */
export const phoneOf = (jid: string): string | null => (isPhoneJid(jid) ? userOf(jid) : null)
/** The user part of a LID, or null. */
export const lidOf = (jid: string): string | null => (isLid(jid) ? userOf(jid) : null)
/** The device number in a JID; 0 is the phone itself. */
export const deviceOf = (jid: string): number => Number(/:(\d+)@[^@]*$/.exec(jid)?.[1] ?? 0)

/** One spelling per address: no device, no agent, the old `@c.us` as `@s.whatsapp.net`, hosted forms as their plain ones; null when it is no address. */
export function normalizeJid(jid: string | null | undefined): string | null {
  if (!jid) return null
  const user = userOf(jid)
  if (!user) return null
  const server = serverOf(jid)
  switch (server) {
    case 'c.us':
    case 'hosted':
    case PERSON:
      return phoneJid(user)
    case 'hosted.lid':
    case LID:
      return lidJid(user)
    default:
      return `${user}@${server}`
  }
}

/** The digits of `+E.164` or bare digits, or null when it is neither. */
export function parsePhone(text: string): string | null {
  const digits = text.startsWith('+') ? text.slice(1) : text
  return PHONE.test(digits) ? digits : null
}

/** A chat or contact id as callers write it (a JID, `+E.164` or digits) in its one spelling, or null when it is none of them. */
export function parseChatId(text: string): string | null {
  if (!text.includes('@')) {
    const phone = parsePhone(text)
    return phone === null ? null : phoneJid(phone)
  }
  if (text === STATUS_CHAT) return text
  const jid = normalizeJid(text)
  if (jid === null) return null
  const user = jid.slice(0, jid.lastIndexOf('@'))
  if (isPhoneJid(jid)) return PHONE.test(user) ? jid : null
  if (isLid(jid)) return /^\d{1,20}$/.test(user) ? jid : null
  if (isGroup(jid)) return /^\d[\d-]{0,63}$/.test(user) ? jid : null
  if (isNewsletter(jid) || isBroadcast(jid)) return USER.test(user) ? jid : null
  return null
}
