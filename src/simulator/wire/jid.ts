import { jidDecode, type FullJid } from '@whiskeysockets/baileys'

const deviceSuffix = (device: number): string => (device === 0 ? '' : `:${device}`)

/** Phone-number form of an address: `<digits>[:device]@s.whatsapp.net`. */
export const pnJid = (phone: string, device = 0): string => `${phone}${deviceSuffix(device)}@s.whatsapp.net`

/** LID form of an address: `<lid>[:device]@lid`. */
export const lidJid = (lid: string, device = 0): string => `${lid}${deviceSuffix(device)}@lid`

/** Group form of an address. */
export const groupJid = (id: string): string => (id.endsWith('@g.us') ? id : `${id}@g.us`)

/** The parts of an address, undefined for one without a user or unreadable. */
export const parseJid = (jid: string | undefined): (FullJid & { device: number }) | undefined => {
  const parts = jidDecode(jid)
  return parts?.user ? { ...parts, device: parts.device ?? 0 } : undefined
}

/** The digits of a phone however it is written (+, spaces, a JID). */
export const phoneDigits = (phone: string): string => (phone.split('@')[0] ?? '').split(':')[0]?.replace(/\D/g, '') ?? ''
