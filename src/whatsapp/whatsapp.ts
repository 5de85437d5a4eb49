import type { Contact } from '../../schemas/contact.ts'
import type { PairingCode } from '../../schemas/linking.ts'
import type { SentMessage } from '../../schemas/message.ts'
import type { SendMessage } from '../../schemas/send-message.ts'
import type { Refresh } from '../../schemas/chat.ts'
import type { SessionRow } from '../store/store.ts'
import type { Deeds } from './deeds.ts'
import type { Action } from './outbound/action.ts'

/** What the rest of the gateway may ask of WhatsApp; all ids are canonical. Every failure meant for the caller is a Problem. */
export interface WhatsApp extends Deeds {
  /** After a start: no stored session may look connected before it is. To be awaited before the first request. */
  recover(): Promise<void>
  /** Logs in every session that `recover` found linked and wanted; returns at once. */
  resume(): void
  /** Starts or resumes the session, creating it if need be, and waits until it shows a QR code, is open, or cannot be either, at most `waitMs`. */
  start(id: string, waitMs: number): Promise<SessionRow>
  /** Closes the socket and keeps the link; resolves when the session is `stopped`. */
  stop(id: string): Promise<SessionRow>
  /** Stops and starts. */
  restart(id: string): Promise<SessionRow>
  /** Removes the link on WhatsApp (waits up to 10 s for its answer) and keeps the session's data; `remote` tells whether WhatsApp confirmed. */
  logout(id: string): Promise<{ readonly session: SessionRow; readonly remote: boolean }>
  /** Logs out and deletes the session with all it owns. */
  remove(id: string): Promise<{ readonly remote: boolean }>
  /** The QR code that is shown now, or null. */
  qr(id: string): QrNow | null
  /** Waits for a QR code at most `waitMs`, or until the session can show none. */
  waitForQr(id: string, waitMs: number): Promise<QrNow | null>
  /** Starts the session if need be and asks WhatsApp for a code that the phone (digits) types. ALREADY_LINKED when linked. */
  pairingCode(id: string, phone: string): Promise<PairingCode>
  /** Accepts a message durably and waits for WhatsApp's ack, at most `waitMs`; then `queued`. NOT_LINKED, NOT_ON_WHATSAPP, MESSAGE_REJECTED. */
  send(id: string, chatId: string, message: SendMessage, how: { readonly waitMs: number; readonly key: string | null }): Promise<{ readonly sent: SentMessage; readonly replayed: boolean }>
  /** Does something to a stored message: durably accepted, and waits for WhatsApp's ack, at most `waitMs`; false when that has not come yet. NOT_LINKED, MESSAGE_NOT_FOUND, MESSAGE_DELETED, MESSAGE_NOT_EDITABLE, MESSAGE_NOT_DELETABLE, MESSAGE_REJECTED. */
  act(id: string, chatId: string, messageId: string, action: Action, waitMs: number): Promise<boolean>
  /** A person with what their profile shows now; what cannot be asked (no connection) is null. */
  contact(id: string, personId: string): Promise<Contact>
  /** Re-syncs app state and asks the phone for older messages; joins the refresh under way; resolves when done or after `waitMs`. NOT_LINKED, NOT_CONNECTED, WHATSAPP_UNAVAILABLE. */
  refresh(id: string, ask: { readonly chats: number; readonly messages: number }, waitMs: number): Promise<Refresh>
  /** Closes every socket; the sessions stay wanted. */
  close(): Promise<void>
}

/** A QR code and when WhatsApp replaces it. */
export interface QrNow {
  readonly text: string
  readonly expiresAt: Date
}
