const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** How long the log of a session is kept. */
export const EVENTS_KEPT_MS = 7 * DAY_MS
/** How long WhatsApp may redeliver a message, so how long what was decrypted is kept where it has not acknowledged our receipt. */
export const JOURNAL_KEPT_MS = 15 * DAY_MS
/**
 * How old a device list may be. Each refresh makes libsignal keep one more session with the contact (lib/Socket/messages-send.js,
 * getUSyncDevices), so it must be rare; a new device that WhatsApp did not tell of gets no message until then, so it must not be never.
 */
export const DEVICE_LISTS_KEPT_MS = 12 * HOUR_MS
/** Device lists of a session that are kept. */
export const MAX_DEVICE_LISTS = 20_000
