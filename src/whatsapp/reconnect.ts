import { DisconnectReason } from '@whiskeysockets/baileys'
import type { SessionState } from '../../schemas/session.ts'

/** What to do after a socket closed. */
export type Verdict =
  /** After so many milliseconds, where `delay` is a number. */
  | { readonly kind: 'again'; readonly delay: 'none' | 'backoff' | number; readonly reason: string }
  /** Forget the credentials of an unfinished linking and start over. */
  | { readonly kind: 'fresh'; readonly reason: string }
  | { readonly kind: 'stop'; readonly state: SessionState; readonly reason: string }

/** What is known of the socket that closed. */
export interface Ending {
  /** A DisconnectReason or an HTTP-like code of WhatsApp; null when the socket ended without one. */
  readonly code: number | null
  /** An account was linked before. */
  readonly linked: boolean
  /** A code was shown and nobody used it. */
  readonly codesUsedUp: boolean
  /** How often in a row another connection took this one's place before, where several nodes share the session; null where nothing else may have it. */
  readonly replacedBefore: number | null
}

/** The longest wait between two attempts. */
const MAX_BACKOFF_MS = 60_000
const FIRST_BACKOFF_MS = 1000
const JITTER = 0.2
/** A node that has just lost the session may have begun a login in time that WhatsApp takes late; it ends at once. */
const AFTER_REPLACED_MS = [5000, 15_000, 60_000] as const
/** Failure reasons of the login (lib/Types/index.d.ts has no names for them). */
const CLIENT_TOO_OLD = 405
const TEMPORARILY_BANNED = 402

/** The table of disconnect codes: retry, link again, or stop. */
export function afterClose({ code, linked, codesUsedUp, replacedBefore }: Ending): Verdict {
  if (codesUsedUp) return { kind: 'stop', state: 'expired', reason: 'nobody scanned the QR code or typed the pairing code in time' }
  switch (code) {
    case DisconnectReason.restartRequired:
      return { kind: 'again', delay: 'none', reason: 'WhatsApp asked for a restart of the connection' }
    case DisconnectReason.loggedOut:
      // Without the linked marker the phone never finished: only this attempt is over.
      return linked ? { kind: 'stop', state: 'logged_out', reason: 'the link was removed on the phone or by WhatsApp' } : { kind: 'fresh', reason: 'the linking was not finished' }
    case DisconnectReason.forbidden:
    case TEMPORARILY_BANNED:
      return { kind: 'stop', state: 'banned', reason: 'WhatsApp has closed or restricted the account' }
    case CLIENT_TOO_OLD:
      return { kind: 'stop', state: 'outdated', reason: 'WhatsApp wants a newer client version; set WHATSAPP_VERSION or upgrade' }
    case DisconnectReason.multideviceMismatch:
      return { kind: 'stop', state: 'logged_out', reason: 'the account does not take linked devices' }
    case DisconnectReason.connectionReplaced: {
      const delay = replacedBefore === null ? undefined : AFTER_REPLACED_MS[replacedBefore]
      if (delay !== undefined) return { kind: 'again', delay, reason: 'another connection took the place of this one' }
      return { kind: 'stop', state: 'conflict', reason: 'another program uses the same link; only one can' }
    }
    default:
      return { kind: 'again', delay: 'backoff', reason: `the connection was lost${code === null ? '' : ` (${code})`}` }
  }
}

/** A connection that was open for longer is in nobody's way. */
const PEACE_MS = 10 * 60_000

/** How often in a row another connection has taken the place of ours, after this one closed as well. */
export const timesReplaced = (before: number, code: number | null, openMs: number): number =>
  code === DisconnectReason.connectionReplaced ? (openMs > PEACE_MS ? 1 : before + 1) : 0

/** Milliseconds before attempt number `failures` (1 is the first retry): doubling from 1 s to 60 s, with 20 % jitter. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const base = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, 10))
  return Math.round(base * (1 - JITTER + 2 * JITTER * random()))
}
