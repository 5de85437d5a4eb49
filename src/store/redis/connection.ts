import { Redis } from 'ioredis'

/** How long Redis may take to answer; a node that waits longer has lost its sessions anyway. */
const COMMAND_MS = 5000
const CONNECT_MS = 5000
const LONGEST_PAUSE_MS = 1000

/**
 * A connection that fails at once where Redis cannot be asked: nothing waits in a line for it to come back, and nothing is sent twice.
 * It keeps trying to reconnect by itself. Commands of one turn of the event loop leave together.
 */
export function connectRedis(url: string): Redis {
  return new Redis(url.startsWith('unix:') ? new URL(url).pathname : url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), LONGEST_PAUSE_MS),
  })
}
