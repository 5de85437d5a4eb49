import type { ILogger } from '@whiskeysockets/baileys/lib/Utils/logger.js'
import type { Log } from '../log.ts'

/** Fields of Baileys' log lines that hold neither content nor key material. */
const ALLOWED = ['msgId', 'id', 'count', 'code', 'reason', 'statusCode', 'attempt', 'retryCount', 'progress', 'syncType', 'status', 'type', 'name'] as const
const MAX_MESSAGE_LENGTH = 120
/** Told by the connection itself, with what follows from it; every linking has one. */
const TOLD_ELSEWHERE = new Set(['stream errored out'])

/** A logger for Baileys that lets only harmless fields through: at error level it would print whole stanzas. */
export function baileysLogger(log: Log): ILogger {
  const chatty = log.level === 'debug' || log.level === 'trace'
  const line = (write: (fields: object, message: string) => void) => (value: unknown, message?: string): void => {
    write(harmless(value), cut(message ?? (typeof value === 'string' ? value : '')))
  }
  const nothing = (): void => undefined
  const logger: ILogger = {
    // Never 'trace' nor 'debug': at those levels Baileys builds XML of every stanza.
    level: chatty ? 'info' : 'warn',
    child: () => logger,
    trace: nothing,
    debug: nothing,
    info: chatty ? line((fields, message) => log.debug(fields, message)) : nothing,
    warn: line((fields, message) => log.debug(fields, message)),
    error: line((fields, message) => (TOLD_ELSEWHERE.has(message) ? log.debug(fields, message) : log.warn(fields, message))),
  }
  return logger
}

function harmless(value: unknown): Record<string, string | number | boolean> {
  const fields: Record<string, string | number | boolean> = {}
  if (typeof value !== 'object' || value === null) return fields
  const given = value as Record<string, unknown>
  for (const name of ALLOWED) {
    const field = given[name]
    if (typeof field === 'string' || typeof field === 'number' || typeof field === 'boolean') fields[name] = field
  }
  const error = given['err'] ?? given['error']
  if (error instanceof Error) fields['error'] = error.name
  return fields
}

/** Baileys puts JSON into some messages; only the words before it are kept. */
const cut = (message: string): string => (message.split(/[{[]/)[0] ?? '').slice(0, MAX_MESSAGE_LENGTH).trim()
