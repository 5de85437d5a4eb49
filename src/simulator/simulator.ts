import { openLinking, type Linked, type Scanner } from './linking/linking.ts'
import { startMediaHost } from './media-host.ts'
import { openAuthority } from './wire/authority.ts'
import { startServer } from './wire/server.ts'
import { openWorld } from './world/open.ts'
import type { SimulatorLogger, World } from './world/world.ts'

/** How to start a simulator; without `dataDir` its world lives in memory. */
export type SimulatorOptions = {
  dataDir?: string | undefined
  host?: string | undefined
  wsPort?: number | undefined
  mediaPort?: number | undefined
  logger?: SimulatorLogger | undefined
}

/** A WhatsApp in small: real clients link to `wsUrl`, its verbs play the phones and contacts. */
export type Simulator = {
  readonly world: World
  /** What clients connect to instead of WhatsApp's server. */
  readonly wsUrl: string
  /** Where media is uploaded to and downloaded from, plain HTTP. */
  readonly mediaUrl: string
  /** The public key a client must trust as the root of the noise certificates, 32 bytes. */
  readonly rootKey: Buffer
  /** A phone scans a client's QR; resolves once the client has taken the pairing. */
  scan(qr: string, scanner?: Scanner): Promise<Linked>
  /** A phone's owner types the code that a client shows. */
  enterPairingCode(phone: string, code: string): Promise<Linked>
  close(): Promise<void>
}

const line = (level: string) => (fields: object, words: string): void => {
  process.stderr.write(`${JSON.stringify({ level, ...fields, msg: words })}\n`)
}
const stderrLogger: SimulatorLogger = { info: () => undefined, warn: line('warn'), error: line('error') }

/** Starts a simulator. */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const { world, phones } = openWorld(options.logger ?? stderrLogger, options.dataDir)
  const authority = openAuthority(world.storage)
  const linking = openLinking(world)
  const mediaHost = await startMediaHost(world.media, options.mediaPort, () => world.faults.take('mediaGone') !== undefined)
  const server = await startServer(world, linking, authority, { host: options.host ?? '127.0.0.1', port: options.wsPort ?? 0 })
  world.storage.flush()
  return {
    world,
    wsUrl: server.url,
    mediaUrl: mediaHost.url,
    rootKey: authority.rootKey,
    scan: linking.scan,
    enterPairingCode: linking.enterCode,
    close: async () => {
      phones.stop()
      await server.close()
      await mediaHost.close()
      await phones.idle()
      world.storage.close()
    },
  }
}
