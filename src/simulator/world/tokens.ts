import { randomBytes } from 'node:crypto'
import type { Account } from './accounts.ts'
import type { Storage } from './storage.ts'

/** Tokens by which somebody shows that the other side trusts them. */
export type Tokens = {
  /** The token from one person to another: the same one until the world is reset. */
  issue(from: Account, to: Account, sizeBytes: number): Buffer
}

/** Opens the register kept in storage. */
export const openTokens = (storage: Storage): Tokens => {
  const rows = storage.collection<Buffer>('tokens')
  return {
    issue: (from, to, sizeBytes) => {
      const key = `${from.lid}/${to.lid}`
      const token = rows.get(key) ?? randomBytes(sizeBytes)
      rows.set(key, token)
      return token
    },
  }
}
