import { setTimeout as sleep } from 'node:timers/promises'
import type { WASocket } from '@whiskeysockets/baileys'
import { isGroup, isLid, isPhoneJid, lidOf, phoneOf } from '../jid.ts'

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
  if (!isPhoneJid(chatId)) return devices ? 'absent' : 'unknown'
  // No devices is also what a timed-out query looks like: the registration query tells the two apart.
  const answers = await quietly(socket.onWhatsApp(chatId))
  if (!answers) return 'unknown'
  return answers.some(({ exists }) => exists) ? 'unknown' : 'absent'
}

/** The same, `unknown` when WhatsApp has not answered after `waitMs`. */
export async function reachWithin(socket: WASocket, chatId: string, waitMs: number): Promise<Reach> {
  const answered = new AbortController()
  try {
    return await Promise.race([reach(socket, chatId), sleep(waitMs, 'unknown' as const, { signal: answered.signal })])
  } finally {
    answered.abort()
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
