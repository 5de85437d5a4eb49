import { readFileSync } from 'node:fs'

interface Package {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
}

/** The sources lie one level below package.json, what is built from them two. */
function readPackage(): Package {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as Package
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new Error('package.json is missing beside the program')
}

const { version: ours, dependencies } = readPackage()

/** The version of this program. */
export const version: string = ours
/** The version of Baileys it is built on: dependencies are pinned exactly. */
export const baileysVersion: string = dependencies['@whiskeysockets/baileys'] ?? 'unknown'
