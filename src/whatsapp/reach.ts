import type { WASocket } from '@whiskeysockets/baileys'
import { isGroup, isLid, isPhoneJid, lidOf, normalizeJid, phoneOf } from '../jid.ts'

/** Whether a chat can be written to: `unknown` when WhatsApp did not say. */
export type Reach = 'yes' | 'absent' | 'forbidden' | 'unknown'

/**
 * Asks WhatsApp (or the device cache) whether anybody would get a message to this chat. Baileys itself resolves a send
 * to a number without an account: only the copy to the own phone goes out (lib/Socket/messages-send.js, relayMessage).
 */
export async function reach(socket: WASocket, chatId: string): Promise<Reach> {
  if (isGroup(chatId)) return reachGroup(socket, chatId)
  if (!isPhoneJid(chatId) && !isLid(chatId)) return 'forbidden'
  const user = phoneOf(chatId) ?? lidOf(chatId)
  const devices = await quietly(socket.getUSyncDevices([chatId], true, false))
  if (devices?.some((device) => device.user === user)) return 'yes'
  // No devices is also what a timed-out query looks like: another question tells the two apart.
  if (!isPhoneJid(chatId)) return reachLid(socket, chatId)
  const answers = await quietly(socket.onWhatsApp(chatId))
  if (!answers) return 'unknown'
  return answers.some(({ exists }) => exists) ? 'unknown' : 'absent'
}

/** Asks for the own account too, which always has its phone: without it there was no answer. The registration query takes numbers only. */
async function reachLid(socket: WASocket, lid: string): Promise<Reach> {
  const me = normalizeJid(socket.authState.creds.me?.id)
  if (me === null) return 'unknown'
  const devices = (await quietly(socket.getUSyncDevices([lid, me], false, false))) ?? []
  if (devices.some(({ user }) => user === lidOf(lid))) return 'yes'
  return devices.some(({ user }) => user === phoneOf(me)) ? 'absent' : 'unknown'
}

/** The same, `unknown` when WhatsApp has not answered after `waitMs`. */
export async function reachWithin(socket: WASocket, chatId: string, waitMs: number): Promise<Reach> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Reach>((resolve) => (timer = setTimeout(() => resolve('unknown'), waitMs)))
  try {
    return await Promise.race([reach(socket, chatId), late])
  } finally {
    clearTimeout(timer)
  }
}

async function reachGroup(socket: WASocket, chatId: string): Promise<Reach> {
  try {
    await socket.groupMetadata(chatId)
    return 'yes'
  } catch (error) {
    const code = (error as { data?: unknown }).data
    if (code === 404) return 'absent'
    return code === 403 || code === 401 ? 'forbidden' : 'unknown'
  }
}

async function quietly<T>(question: Promise<T>): Promise<T | undefined> {
  try {
    return await question
  } catch {
    return undefined
  }
}
