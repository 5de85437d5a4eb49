import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The ports of a world that clients come back to after a restart. */
export type Ports = { wsPort?: number; mediaPort?: number }

const FILE_NAME = 'ports.json'
const MAX_PORT = 65_535

const isPort = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_PORT

/** The ports a world used last; none for a new world or one in memory. */
export const rememberedPorts = (dataDir: string | undefined): Ports => {
  if (dataDir === undefined) return {}
  try {
    const read: unknown = JSON.parse(readFileSync(join(dataDir, FILE_NAME), 'utf8'))
    if (typeof read !== 'object' || read === null) return {}
    return {
      ...('wsPort' in read && isPort(read.wsPort) && { wsPort: read.wsPort }),
      ...('mediaPort' in read && isPort(read.mediaPort) && { mediaPort: read.mediaPort }),
    }
  } catch {
    // Absent or cut short by a crash: the system chooses anew.
    return {}
  }
}

/** Notes the ports in use for the next start. */
export const rememberPorts = (dataDir: string | undefined, ports: Required<Ports>): void => {
  if (dataDir === undefined) return
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  writeFileSync(join(dataDir, FILE_NAME), JSON.stringify(ports), { mode: 0o600 })
}

/** Listens on the port that was asked for; without one on the port of last time, or any other when that is taken by now. */
export const listenAgain = async <T>(asked: number | undefined, last: number | undefined, listen: (port: number) => Promise<T>): Promise<T> => {
  if (asked !== undefined && asked !== 0) return listen(asked)
  if (last === undefined) return listen(0)
  try {
    return await listen(last)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return listen(0)
    throw error
  }
}
