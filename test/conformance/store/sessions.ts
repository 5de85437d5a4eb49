import { describe, expect, it } from 'vitest'
import { CursorInvalid } from '../../../src/store/store.ts'
import type { Bench } from '../store.ts'
import { group, message, put, session, walk } from './rows.ts'

/** Sessions: resuming, lists, deletion. */
export function testSessions(bench: Bench): void {
  describe('sessions', () => {
    it('gives back what was put, and null for an unknown one', async () => {
      const id = bench.newSession()
      expect(await bench.store.sessions.get(id)).toBeNull()
      const row = session(id, { reason: 'because', user: null, linked: false })
      await bench.seen(bench.store.commit(id, [{ kind: 'session.put', session: row }]), async () => expect(await bench.store.sessions.get(id)).toEqual(row))
    })

    it('replaces a session that is put again', async () => {
      const id = bench.newSession()
      void bench.store.commit(id, [{ kind: 'session.put', session: session(id) }])
      const row = session(id, { state: 'logged_out', reason: 'by phone', linked: false, wanted: false })
      await bench.seen(bench.store.commit(id, [{ kind: 'session.put', session: row }]), async () => expect(await bench.store.sessions.get(id)).toEqual(row))
    })

    it('resumes those that are wanted and linked', async () => {
      const rows = [session(bench.newSession()), session(bench.newSession(), { wanted: false }), session(bench.newSession(), { linked: false })]
      const commits = rows.map((row) => bench.store.commit(row.id, [{ kind: 'session.put', session: row }]))
      const mine = (await bench.store.sessions.resumable()).filter(({ id }) => rows.some((row) => row.id === id))
      expect(mine).toEqual([rows[0]])
      await Promise.all(commits)
    })

    it('lists newest first, ties by id, each once', async () => {
      const times = ['2030-01-01T00:00:00.000Z', '2031-01-01T00:00:00.000Z', '2030-01-01T00:00:00.000Z', '2029-01-01T00:00:00.000Z', '2030-01-01T00:00:00.000Z']
      const rows = times.map((createdAt) => session(bench.newSession(), { createdAt }))
      const commits = rows.map((row) => bench.store.commit(row.id, [{ kind: 'session.put', session: row }]))
      const listed = (await walk(2, (request) => bench.store.sessions.page(request))).filter(({ id }) => rows.some((row) => row.id === id))
      expect(listed.map(({ id }) => id)).toEqual(
        rows.toSorted((one, other) => (one.createdAt === other.createdAt ? (one.id < other.id ? 1 : -1) : one.createdAt < other.createdAt ? 1 : -1)).map(({ id }) => id),
      )
      await Promise.all(commits)
    })

    it('refuses a cursor that is not of the list', async () => {
      const id = bench.newSession()
      await bench.store.commit(id, [put({ id: 'A' }), put({ id: 'B' })])
      const { next } = await bench.store.messages.page(id, message().chatId, { limit: 1, cursor: null })
      expect(next).not.toBeNull()
      for (const cursor of ['', 'nonsense', 'bnVsbA', String(next)]) {
        await expect(bench.store.sessions.page({ limit: 1, cursor })).rejects.toBeInstanceOf(CursorInvalid)
        await expect(bench.store.chats.page(id, { limit: 1, cursor })).rejects.toBeInstanceOf(CursorInvalid)
      }
    })

    it('deletes all of a session and nothing of another', async () => {
      const [id, other] = [bench.newSession(), bench.newSession()]
      const fill = (to: string) =>
        bench.store.commit(to, [
          { kind: 'session.put', session: session(to) },
          { kind: 'auth.put', keys: [{ type: 'creds', id: '', value: 'secret' }] },
          { kind: 'chat.merge', id: message().chatId, fields: {} },
          { kind: 'contact.merge', phone: '5215550001', lid: '900', fields: { name: 'Ana' } },
          put({ sender: '900@lid' }),
          { kind: 'group.put', group: group() },
          { kind: 'outbox.put', id: 'O1', chatId: 'c', content: '{}', acceptedAt: 1, expiresAt: 2 },
        ])
      void fill(id)
      await fill(other)
      const isThere = async (of: string): Promise<boolean[]> => [
        (await bench.store.sessions.get(of)) !== null,
        (await bench.store.auth.get(of, 'creds', [''])).size === 1,
        (await bench.store.chats.get(of, message().chatId)) !== null,
        (await bench.store.chats.count(of)) === 1,
        (await bench.store.contacts.get(of, ['900@lid'])).size === 1,
        (await bench.store.messages.get(of, message().chatId, 'M1')) !== null,
        (await bench.store.messages.page(of, message().chatId, { limit: 1, cursor: null })).rows.length === 1,
        (await bench.store.groups.get(of, group().id)) !== null,
        (await bench.store.outbox.count(of)) === 1,
      ]
      expect(await isThere(id)).not.toContain(false)
      await bench.seen(bench.store.commit(id, [{ kind: 'session.delete' }]), async () => expect(await isThere(id)).not.toContain(true))
      expect(await isThere(other)).not.toContain(false)
    })
  })
}
