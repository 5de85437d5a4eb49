import { describe, expect, it } from 'vitest'
import type { Change, ContactRow } from '../../../src/store/store.ts'
import { contactsAtHand } from '../../../src/store/sqlite/contacts-at-hand.ts'
import { journalIndex } from '../../../src/store/sqlite/journal-index.ts'
import { Pending, type PendingCommit } from '../../../src/store/pending.ts'

let numbers = 0
const commitOf = (...changes: Change[]): PendingCommit => ({ number: ++numbers, sessionId: 's', changes, settled: async () => undefined })
const put = (hash: string): Change => ({ kind: 'journal.put', row: { hash, messageId: hash, plaintext: new Uint8Array(), open: null, at: 1 } })
const merge: Change = { kind: 'contact.merge', phone: '15550000001', lid: null, fields: { pushName: 'Ana' } }
const ANA: ContactRow = { id: '15550000001@s.whatsapp.net', phone: '15550000001', lid: null, name: null, shortName: null, pushName: 'Ana', verifiedName: null }

/** A journal of which the database tells, and how often it was read. */
function scene(stored: string[] = []) {
  const pending = new Pending()
  const index = journalIndex(pending)
  let reads = 0
  const load = (limit: number): string[] => {
    reads += 1
    return stored.slice(0, limit)
  }
  return { pending, stored, mayHold: (hash: string) => index.mayHold('s', hash, load), reads: () => reads }
}

describe('journalIndex', () => {
  it('knows what is stored, what is on its way and what comes later, and reads once', () => {
    const { pending, mayHold, reads } = scene(['stored'])
    pending.add(commitOf(put('on its way')))
    expect(mayHold('new')).toBe(false)
    pending.add(commitOf(merge, put('later')))
    expect(['stored', 'on its way', 'later', 'new'].map(mayHold)).toEqual([true, true, true, false])
    expect(reads()).toBe(1)
  })

  it('still knows what became durable, and what failed', () => {
    const { pending, mayHold } = scene()
    expect(mayHold('a')).toBe(false)
    const commit = commitOf(put('a'))
    pending.add(commit)
    pending.remove(commit)
    expect(mayHold('a')).toBe(true)
  })

  it('reads anew when it has grown, and then knows no more than there is', () => {
    const { pending, stored, mayHold, reads } = scene()
    expect(mayHold('0')).toBe(false)
    for (let place = 0; place <= 2000; place += 1) {
      const commit = commitOf(put(String(place)))
      pending.add(commit)
      pending.remove(commit)
    }
    stored.push('7')
    expect(['7', '8'].map(mayHold)).toEqual([true, false])
    expect(reads()).toBe(2)
  })

  it('has each asked for while there is too much in the journal, and knows again when that went', () => {
    const { pending, stored, mayHold, reads } = scene(Array.from({ length: 1500 }, (_, place) => String(place)))
    expect(mayHold('new')).toBe(true)
    pending.add(commitOf(put('on its way')))
    stored.splice(1)
    for (let asked = 0; asked < 1999; asked += 1) expect(mayHold('on its way')).toBe(true)
    expect(['new', 'on its way', '0', '1'].map(mayHold)).toEqual([false, true, true, false])
    expect(reads()).toBe(2)
  })

  it('forgets a session that goes', () => {
    const { pending, mayHold, reads } = scene()
    expect(mayHold('a')).toBe(false)
    pending.add(commitOf({ kind: 'session.delete' }))
    expect(mayHold('a')).toBe(false)
    expect(reads()).toBe(2)
  })
})

describe('contactsAtHand', () => {
  it('gives what the database answered last, absence too, to its own session alone', () => {
    const kept = contactsAtHand(new Pending())
    expect(kept.get('s', ANA.id)).toBeUndefined()
    kept.keep('s', ANA.id, ANA)
    kept.keep('s', '7@lid', null)
    expect([kept.get('s', ANA.id), kept.get('s', '7@lid'), kept.get('t', ANA.id)]).toEqual([ANA, null, undefined])
  })

  it('gives nothing from before a merge that was enqueued, and takes nothing while it is on its way', () => {
    const pending = new Pending()
    const kept = contactsAtHand(pending)
    kept.keep('s', '7@lid', null)
    const commit = commitOf(merge)
    const later = commitOf(put('a'))
    pending.add(commit)
    pending.add(later)
    kept.keep('s', ANA.id, null)
    expect([kept.get('s', ANA.id), kept.get('s', '7@lid')]).toEqual([undefined, undefined])
    pending.remove(commit)
    expect(kept.get('s', ANA.id)).toBeUndefined()
    kept.keep('s', ANA.id, ANA)
    expect(kept.get('s', ANA.id)).toEqual(ANA)
  })

  it('keeps nothing of a session that goes', () => {
    const pending = new Pending()
    const kept = contactsAtHand(pending)
    kept.keep('s', ANA.id, ANA)
    pending.add(commitOf({ kind: 'session.delete' }))
    expect(kept.get('s', ANA.id)).toBeUndefined()
  })
})
