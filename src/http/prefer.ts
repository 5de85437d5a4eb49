/** How long a send waits for WhatsApp's server when the caller does not say. */
export const SEND_WAIT_MS = 10_000
export const MAX_SEND_WAIT_MS = 25_000

/** How long a caller wants to wait (RFC 7240: `respond-async`, `wait=N`), in milliseconds; `defaultMs` when the header does not say, never more than `maxMs`. */
export function preferredWaitMs(prefer: string | readonly string[] | undefined, defaultMs: number, maxMs: number): number {
  const preferences = [prefer ?? []].flat().join(',').split(',').map((part) => part.split(';', 1)[0]?.trim().toLowerCase() ?? '')
  if (preferences.includes('respond-async')) return 0
  const wait = preferences.find((preference) => /^wait\s*=\s*"?\d{1,6}"?$/.test(preference))
  return wait === undefined ? defaultMs : Math.min(Number(wait.replaceAll(/\D/g, '')) * 1000, maxMs)
}
