import { decodeBinaryNode, decodeDecompressedBinaryNode, decompressingIfRequired, encodeBinaryNode } from '@whiskeysockets/baileys'
import { TAGS } from '@whiskeysockets/baileys/lib/WABinary/constants.js'
import type { BinaryNode } from '../stanza/node.ts'
import { DOUBLE_BYTE_TOKENS, SINGLE_BYTE_TOKENS } from './dictionary-2.ts'

/** Nodes to bytes and back, in the token dictionary that one client speaks. */
export type Codec = {
  encode(stanza: BinaryNode): Buffer
  decode(bytes: Buffer): Promise<BinaryNode>
}

/** The token dictionary of clients that know phone numbers only. */
export const OLD_DICTIONARY = 2

const current: Codec = { encode: (stanza) => encodeBinaryNode(stanza), decode: decodeBinaryNode }

const oldTokens = (): Record<string, { dict?: number; index: number }> => {
  const tokens: Record<string, { dict?: number; index: number }> = {}
  for (const [index, token] of SINGLE_BYTE_TOKENS.entries()) tokens[token] = { index }
  for (const [dict, table] of DOUBLE_BYTE_TOKENS.entries()) {
    for (const [index, token] of table.entries()) tokens[token] = { dict, index }
  }
  return tokens
}
const TOKEN_MAP = oldTokens()

// Baileys types its tables by their very words, so that no other table fits.
const tables = { TAGS, SINGLE_BYTE_TOKENS, DOUBLE_BYTE_TOKENS } as unknown as Parameters<typeof decodeDecompressedBinaryNode>[1]

const old: Codec = {
  encode: (stanza) => encodeBinaryNode(stanza, { TAGS, TOKEN_MAP }),
  decode: async (bytes) => decodeDecompressedBinaryNode(await decompressingIfRequired(bytes), tables),
}

/** The codec for the dictionary that a client announced. */
export const codecFor = (dictionary: number): Codec => (dictionary === OLD_DICTIONARY ? old : current)
