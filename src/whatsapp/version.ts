import { DEFAULT_CONNECTION_CONFIG } from '@whiskeysockets/baileys'

/** The WhatsApp Web version that is announced: the configured one, else the one Baileys brings. */
export const announcedVersion = (configured: readonly number[] | null): string => (configured ?? DEFAULT_CONNECTION_CONFIG.version).join('.')
