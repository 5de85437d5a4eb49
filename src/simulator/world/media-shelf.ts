import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream, rmSync } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A stored body: its size, and a stream over the bytes start to end (both included). */
export type StoredBlob = { sizeBytes: number; read: (start: number, end: number) => Readable }

/** What is known of a blob besides its bytes: how often its path was renewed, and whether that path is gone. */
export type BlobLabel = { generation: number; gone: boolean }

/** A body that is written but not yet part of the shelf. */
export type BlobDraft = { keep: (hash: string) => Promise<void>; discard: () => Promise<void> }

/** Where bodies lie, by hash. */
export type MediaShelf = {
  draft: (body: AsyncIterable<Uint8Array>) => Promise<BlobDraft>
  open: (hash: string) => Promise<StoredBlob | undefined>
  label: (hash: string) => Promise<BlobLabel>
  relabel: (hash: string, label: BlobLabel) => Promise<void>
  clear: () => void
}

const FRESH: BlobLabel = { generation: 0, gone: false }

const memoryShelf = (): MediaShelf => {
  const blobs = new Map<string, Buffer>()
  const labels = new Map<string, BlobLabel>()
  return {
    draft: async (body) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      return {
        keep: async (hash) => void blobs.set(hash, Buffer.concat(chunks)),
        discard: async () => undefined,
      }
    },
    open: async (hash) => {
      const blob = blobs.get(hash)
      if (blob === undefined) return undefined
      return { sizeBytes: blob.length, read: (start, end) => Readable.from([blob.subarray(start, end + 1)]) }
    },
    label: async (hash) => labels.get(hash) ?? FRESH,
    relabel: async (hash, label) => void labels.set(hash, label),
    clear: () => {
      blobs.clear()
      labels.clear()
    },
  }
}

const isAbsent = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

const diskShelf = (directory: string): MediaShelf => {
  const pathOf = (name: string): string => join(directory, name)
  // Whole or not at all, whenever the process ends: a file gets its name once it is written.
  const settle = async (draftName: string, name: string): Promise<void> => rename(pathOf(draftName), pathOf(name))
  return {
    draft: async (body) => {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const draftName = `${randomUUID()}.part`
      const discard = async (): Promise<void> => rm(pathOf(draftName), { force: true })
      try {
        await pipeline(body, createWriteStream(pathOf(draftName), { mode: 0o600 }))
      } catch (error) {
        await discard()
        throw error
      }
      return { keep: async (hash) => settle(draftName, hash), discard }
    },
    open: async (hash) => {
      try {
        const { size } = await stat(pathOf(hash))
        return { sizeBytes: size, read: (start, end) => end < start ? Readable.from([]) : createReadStream(pathOf(hash), { start, end }) }
      } catch (error) {
        if (isAbsent(error)) return undefined
        throw error
      }
    },
    label: async (hash) => {
      try {
        const [generation, gone] = (await readFile(pathOf(`${hash}.label`), 'utf8')).split(' ')
        return { generation: Number(generation), gone: gone === 'gone' }
      } catch (error) {
        if (isAbsent(error)) return FRESH
        throw error
      }
    },
    relabel: async (hash, { generation, gone }) => {
      const draftName = `${randomUUID()}.part`
      await writeFile(pathOf(draftName), `${generation} ${gone ? 'gone' : 'here'}`, { mode: 0o600 })
      await settle(draftName, `${hash}.label`)
    },
    clear: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** A shelf in a directory, made when the first body arrives, or in memory without one. */
export const createMediaShelf = (directory?: string): MediaShelf => directory === undefined ? memoryShelf() : diskShelf(directory)
