import { join } from 'node:path'

/**
 * What a gateway's environment may hold for the module that is loaded before it:
 * `FAULTS_CRASH=[mark/]place:side:n` makes it die before or after its n-th commit or frame, counted from its start or from a mark;
 * `FAULTS_COMMIT_MS` slows each commit; `FAULTS_STORE_FILE` is where a fault of the disk is written while it lasts;
 * `FAULTS_HOLD_FILE` names the file with which a supervisor stops it between a decrypt and its receipt;
 * `FAULTS_FRAMES_FILE` gets a line with the time of each frame that leaves;
 * `FAULTS_KEEP_ALIVE_MS` is how often the link is pinged in place of every {@link KEEP_ALIVE_MS}.
 */
export type FaultsEnv = Readonly<Record<string, string>>

/** How often the gateway pings an open link. */
export const KEEP_ALIVE_MS = 30_000
/** A link without a word for so much longer than the time between two pings is lost (lib/Socket/socket.js, startKeepAliveRequest). */
export const GRACE_MS = 5000

/** The moments from which the commits and frames of a crash point are counted: new pre-keys, or a notice of the own phone (a key share, a history). */
export type Mark = 'prekey' | 'peer'

/** Where a fault of the disk is written. */
export const storeFile = (dataDir: string): string => join(dataDir, 'fault')
/** Exists once the fault of the disk has struck. */
export const struckFile = (fault: string): string => `${fault}-struck`
/** What a hold is asked for with, see {@link armedFile} and {@link heldFile}. */
export const holdFile = (dataDir: string): string => join(dataDir, 'hold')
/** While it exists, the next commit that holds a decrypted message is followed by a hold. */
export const armedFile = (hold: string): string => `${hold}-armed`
/** Names the message at which the writer is held, until it is removed. */
export const heldFile = (hold: string): string => `${hold}-held`
