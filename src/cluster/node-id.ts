import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StoreRefused } from '../store/faults.ts'
import { claimFolder, type Folder } from '../store/sqlite/folder.ts'

/** The name of a node, and the lock that keeps every other process from having it. */
export interface NodeName {
  readonly id: string
  unlock(): void
}

/** The given name, else the one in the data folder, else a new one that is kept there. Throws {@link StoreRefused} where another process runs on the folder. */
export function nodeName(given: string | null, dataDir: string): NodeName {
  const folder: Folder = claimFolder(dataDir)
  try {
    return { id: given ?? kept(join(folder.path, 'node-id')), unlock: folder.unlock }
  } catch (error) {
    folder.unlock()
    throw error
  }
}

function kept(file: string): string {
  if (!existsSync(file)) writeFileSync(file, `node-${randomUUID()}\n`, { mode: 0o600 })
  const id = readFileSync(file, 'utf8').trim()
  if (!/^[\w.-]{1,64}$/.test(id)) throw new StoreRefused(`${file} does not hold the name of a node; remove it to have a new one made, or set NODE_ID.`)
  return id
}
