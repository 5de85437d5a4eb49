const HOUR_MS = 3_600_000
/** A day. */
export const DAY_MS = 24 * HOUR_MS

/** What is kept of the log of a session, as the settings say. */
export interface EventRetention {
  readonly keptMs: number
  readonly maxPerSession: number
}
/** How long WhatsApp may redeliver a message, so how long what was decrypted is kept where it has not acknowledged our receipt. */
export const JOURNAL_KEPT_MS = 15 * DAY_MS
/**
 * How old a device list may be. Each refresh makes libsignal keep one more session with the contact (lib/Socket/messages-send.js,
 * getUSyncDevices), so it must be rare; a new device that WhatsApp did not tell of gets no message until then, so it must not be never.
 */
export const DEVICE_LISTS_KEPT_MS = 12 * HOUR_MS
/** Device lists of a session that are kept. */
export const MAX_DEVICE_LISTS = 20_000
