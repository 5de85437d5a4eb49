import type { JournalRow } from '../store.ts'
import type { Writes } from './commit.ts'
import type { Draft } from './draft.ts'
import { numberAt, restAfter, sortable, type Keys } from './keys.ts'
import type { Source } from './source.ts'

/** A row as JSON: bytes in base64, and its place in the order of writing. */
interface Stored {
  readonly place: number
  readonly messageId: string
  readonly plaintext: string
  readonly open: string | null
  readonly at: number
}

const toStored = (text: string | null | undefined): Stored | null => (text === null || text === undefined ? null : (JSON.parse(text) as Stored))

const toRow = (hash: string, { messageId, plaintext, open, at }: Stored): JournalRow => ({
  hash, messageId, plaintext: bytesOf(plaintext), open: open === null ? null : bytesOf(open), at,
})

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')

const ageOf = (hash: string, { at, place }: Stored): string => `${sortable(at)}${sortable(place)}${hash}`

/** Reads of the journal. */
export function journalReads(source: Source, keys: Keys) {
  return {
    async get(sessionId: string, hash: string): Promise<JournalRow | null> {
      const stored = toStored(await source.field(keys.session(sessionId).journal, hash))
      return stored === null ? null : toRow(hash, stored)
    },
    async open(sessionId: string): Promise<JournalRow[]> {
      const { journal, journalOpen } = keys.session(sessionId)
      const hashes = (await source.members(journalOpen)).map((member) => restAfter(member, 1))
      const found = await source.fields(journal, hashes)
      return hashes.flatMap((hash, place) => {
        const stored = toStored(found[place])
        return stored === null ? [] : [toRow(hash, stored)]
      })
    },
    async oldest(sessionId: string): Promise<number | null> {
      const [member] = await source.members(keys.session(sessionId).journalAges, { count: 1 })
      return member === undefined ? null : numberAt(member, 0)
    },
  }
}

async function remove(draft: Draft, hash: string): Promise<void> {
  const { journal, journalAges, journalOpen } = draft.keys
  const stored = toStored(await draft.field(journal, hash))
  if (stored === null) return
  draft.drop(journal, hash)
  draft.take(journalAges, ageOf(hash, stored))
  if (stored.open !== null) draft.take(journalOpen, `${sortable(stored.place)}${hash}`)
}

/** Writes of the journal. */
export const journalWrites: Writes<'journal.put' | 'journal.close' | 'journal.forget' | 'journal.prune'> = {
  async 'journal.put'({ draft }, { row: { hash, messageId, plaintext, open, at } }) {
    const { journal, journalAges, journalOpen } = draft.keys
    if ((await draft.field(journal, hash)) !== null) return
    const stored: Stored = { place: draft.nextNumber(), messageId, plaintext: base64(plaintext), open: open === null ? null : base64(open), at }
    draft.put(journal, hash, JSON.stringify(stored))
    draft.add(journalAges, ageOf(hash, stored))
    if (open !== null) draft.add(journalOpen, `${sortable(stored.place)}${hash}`)
  },
  async 'journal.close'({ draft }, { hash }) {
    const { journal, journalOpen } = draft.keys
    const stored = toStored(await draft.field(journal, hash))
    if (stored === null || stored.open === null) return
    draft.put(journal, hash, JSON.stringify({ ...stored, open: null }))
    draft.take(journalOpen, `${sortable(stored.place)}${hash}`)
  },
  async 'journal.forget'({ draft }, { hashes }) {
    for (const hash of hashes) if (toStored(await draft.field(draft.keys.journal, hash))?.open === null) await remove(draft, hash)
  },
  async 'journal.prune'({ draft }, { before, limit }) {
    for (const member of await draft.members(draft.keys.journalAges, { count: limit })) if (member < sortable(before)) await remove(draft, restAfter(member, 2))
  },
}
