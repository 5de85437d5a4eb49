import { randomBytes } from 'node:crypto'
import type { Account } from './accounts.ts'
import type { Storage } from './storage.ts'

/** Tokens by which somebody shows that the other side trusts them. */
export type Tokens = {
  /** A new token from one person to another; undefined when that one was issued before. */
  issue(from: Account, to: Account): Buffer | undefined
}

const TOKEN_BYTES = 16

/** Opens the register kept in storage. */
export const openTokens = (storage: Storage): Tokens => {
  const rows = storage.collection<Buffer>('tokens')
  return {
    issue: (from, to) => {
      const key = `${from.lid}/${to.lid}`
      if (rows.has(key)) return undefined
      const token = randomBytes(TOKEN_BYTES)
      rows.set(key, token)
      return token
    },
  }
}
