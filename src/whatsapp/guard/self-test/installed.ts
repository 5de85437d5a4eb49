import { createRequire } from 'node:module'
import makeWASocket, { cleanMessage, decodeMessageNode, DEFAULT_CONNECTION_CONFIG, unpadRandomMax16, type SocketConfig } from '@whiskeysockets/baileys'
import { SessionRecord } from 'libsignal'
import { verifySignature } from 'libsignal/src/curve.js'
import { baileysVersion } from '../../../version.ts'

/** What the guard takes hold of in the Baileys and the libsignal that are installed. */
export interface Installed {
  readonly makeSocket: typeof makeWASocket
  readonly makeRepository: SocketConfig['makeSignalRepository']
  readonly decodeMessageNode: typeof decodeMessageNode
  readonly cleanMessage: typeof cleanMessage
  readonly unpad: typeof unpadRandomMax16
  readonly verifySignature: typeof verifySignature
  /** Something of libsignal that prints a session. */
  printSession(): void
}

/** Those that this process has loaded. */
export const installed: Installed = {
  makeSocket: makeWASocket,
  makeRepository: DEFAULT_CONNECTION_CONFIG.makeSignalRepository,
  decodeMessageNode,
  cleanMessage,
  unpad: unpadRandomMax16,
  verifySignature,
  printSession: () => (new SessionRecord() as unknown as { closeSession(session: object): void }).closeSession({ indexInfo: { closed: -1 } }),
}

/** The version of Baileys that lies in node_modules, which a careless install makes another than the one asked for. */
export function installedVersion(): string {
  try {
    return (createRequire(import.meta.url)('@whiskeysockets/baileys/package.json') as { version: string }).version
  } catch {
    return `${baileysVersion} (asked for)`
  }
}
