import type { SessionState } from '../../schemas/session.ts'

/** From which state a session may come into which: the whole state machine. */
const NEXT: Record<SessionState, readonly SessionState[]> = {
  stopped: ['starting'],
  starting: ['qr', 'pairing', 'connecting', 'reconnecting', 'stopped', 'outdated', 'banned', 'logged_out', 'store_error', 'conflict', 'open'],
  qr: ['pairing', 'connecting', 'expired', 'stopped', 'starting', 'reconnecting', 'outdated', 'banned', 'store_error'],
  pairing: ['qr', 'connecting', 'expired', 'stopped', 'starting', 'reconnecting', 'outdated', 'banned', 'store_error'],
  connecting: ['open', 'reconnecting', 'starting', 'stopped', 'logged_out', 'banned', 'conflict', 'outdated', 'store_error'],
  open: ['reconnecting', 'connecting', 'stopped', 'logged_out', 'banned', 'conflict', 'outdated', 'store_error'],
  reconnecting: ['starting', 'connecting', 'qr', 'open', 'expired', 'stopped', 'logged_out', 'banned', 'conflict', 'outdated', 'store_error'],
  expired: ['starting', 'stopped'],
  logged_out: ['starting', 'stopped'],
  conflict: ['starting', 'stopped'],
  banned: ['starting', 'stopped'],
  outdated: ['starting', 'stopped'],
  store_error: ['starting', 'reconnecting', 'stopped'],
}

/** Whether the state machine knows the step; staying is always allowed (a new reason). */
export const canBecome = (from: SessionState, to: SessionState): boolean => from === to || NEXT[from].includes(to)

/** States in which a socket lives or is about to. */
export const isRunning = (state: SessionState): boolean => ['starting', 'qr', 'pairing', 'connecting', 'open', 'reconnecting'].includes(state)

/** States in which waiting for a QR code or a connection is over: one of them is there, or none will come. */
export const isSettled = (state: SessionState): boolean => state !== 'starting' && state !== 'connecting' && state !== 'reconnecting'
