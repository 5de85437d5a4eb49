import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { StoreFailed, StoreRefused } from '../../../src/store/faults.ts'
import { connect } from '../../../src/store/sqlite/connection.ts'
import { migrations } from '../../../src/store/sqlite/migrations/index.ts'
import { openSqlite } from '../../../src/store/sqlite/sqlite.ts'
import type { Change, StoreOptions } from '../../../src/store/store.ts'
import { tempFolder } from '../../support/temp.ts'

const creds = (value: string): Change => ({ kind: 'auth.put', keys: [{ type: 'creds', id: '', value }] })

/** Opens, does something and closes again. */
async function withStore(dataDir: string, work: (store: Awaited<ReturnType<typeof openSqlite>>) => Promise<void>, mode: StoreOptions['mode'] = 'live'): Promise<void> {
  const store = await openSqlite({ mode, dataDir })
  try {
    await work(store)
  } finally {
    await store.close()
  }
}

/** Why the store refuses to open. */
async function refusal(dataDir: string, mode: StoreOptions['mode'] = 'live'): Promise<string> {
  const error: unknown = await openSqlite({ mode, dataDir }).then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(StoreRefused)
  return error instanceof Error ? error.message : ''
}

it('makes a folder and files that only its user may read', async () => {
  const dataDir = join(tempFolder(), 'a/b')
  const store = await openSqlite({ mode: 'live', dataDir })
  await store.commit('s', [creds('x')])
  const files = readdirSync(dataDir)
  expect(files).toContain('store.db-wal')
  expect(files.map((file) => statSync(join(dataDir, file)).mode & 0o777)).toEqual(files.map(() => 0o600))
  expect(statSync(dataDir).mode & 0o777).toBe(0o700)
  await store.close()
})

it('closes a folder that was open to others', async () => {
  const dataDir = join(tempFolder(), 'data')
  mkdirSync(dataDir, { mode: 0o755 })
  await withStore(dataDir, async () => expect(statSync(dataDir).mode & 0o777).toBe(0o700))
})

it('finds all again after a restart', async () => {
  const dataDir = tempFolder()
  await withStore(dataDir, (store) => store.commit('s', [creds('kept')]))
  await withStore(dataDir, async (store) => expect((await store.auth.get('s', 'creds', [''])).get('')).toBe('kept'))
})

it('writes what was enqueued before close, and nothing after', async () => {
  const dataDir = tempFolder()
  const store = await openSqlite({ mode: 'live', dataDir })
  const commits = Array.from({ length: 100 }, (_, index) => store.commit('s', [creds(`value ${index}`)]))
  const closed = store.close()
  await expect(store.commit('s', [creds('late')])).rejects.toBeInstanceOf(StoreFailed)
  await expect(store.auth.get('s', 'creds', [''])).rejects.toBeInstanceOf(StoreFailed)
  await Promise.all(commits)
  await closed
  await store.close()
  await withStore(dataDir, async (again) => expect((await again.auth.get('s', 'creds', [''])).get('')).toBe('value 99'))
})

it('refuses a second process on one folder, and lets the next one in', async () => {
  const dataDir = tempFolder()
  await withStore(dataDir, async (store) => {
    expect(await refusal(dataDir)).toMatch(/^Another Puente runs on the data folder .*: stop it, or give this one a DATA_DIR of its own\.$/)
    await store.commit('s', [creds('still mine')])
  })
  await withStore(dataDir, async (store) => expect((await store.auth.get('s', 'creds', [''])).get('')).toBe('still mine'))
})

it('refuses the other mode and touches nothing', async () => {
  for (const [mode, other, words] of [['live', 'sandbox', /holds real WhatsApp sessions/], ['sandbox', 'live', /holds sandbox sessions/]] as const) {
    const dataDir = tempFolder()
    await withStore(dataDir, (store) => store.commit('s', [creds(mode)]), mode)
    const before = readFileSync(join(dataDir, 'store.db'))
    expect(await refusal(dataDir, other)).toMatch(words)
    expect(readFileSync(join(dataDir, 'store.db')).equals(before)).toBe(true)
    await withStore(dataDir, async (store) => expect((await store.auth.get('s', 'creds', [''])).get('')).toBe(mode), mode)
  }
})

it('refuses the layout of a newer version', async () => {
  const dataDir = tempFolder()
  await withStore(dataDir, async () => {})
  const db = connect(join(dataDir, 'store.db'))
  db.exec(`PRAGMA user_version = ${migrations.length + 1}`)
  db.close()
  expect(await refusal(dataDir)).toContain(`layout ${migrations.length + 1}, this one knows up to ${migrations.length}`)
})

it('starts over when a first start was cut off', async () => {
  const dataDir = tempFolder()
  writeFileSync(join(dataDir, 'store.new.db'), 'half of a database')
  await withStore(dataDir, (store) => store.commit('s', [creds('x')]))
  expect(existsSync(join(dataDir, 'store.new.db'))).toBe(false)
})

it('never takes a database that is gone, cut off or foreign for a first start', async () => {
  const dataDir = tempFolder()
  await withStore(dataDir, (store) => store.commit('s', [creds('x')]))
  const file = join(dataDir, 'store.db')
  const whole = readFileSync(file)

  writeFileSync(file, Buffer.alloc(whole.length, 'not a database '))
  expect(await refusal(dataDir)).toMatch(/not a database of Puente, or it is damaged: restore/)
  truncateSync(file, 0)
  expect(await refusal(dataDir)).toMatch(/is empty, so it was cut off: restore/)
  rmSync(file)
  writeFileSync(`${file}-wal`, 'journal')
  expect(await refusal(dataDir)).toMatch(/journal of a database, but not the database/)
  rmSync(`${file}-wal`)

  writeFileSync(file, whole)
  await withStore(dataDir, async (store) => expect((await store.auth.get('s', 'creds', [''])).get('')).toBe('x'))
})

it('names damage, and never takes it for an absent key', async () => {
  const dataDir = tempFolder()
  const ids = Array.from({ length: 3_000 }, (_, index) => String(index))
  await withStore(dataDir, (store) => store.commit('s', [{ kind: 'auth.put', keys: ids.map((id) => ({ type: 't', id, value: `value of ${id}`.repeat(20) })) }]))
  const file = join(dataDir, 'store.db')
  const bytes = readFileSync(file)
  bytes.fill(0xff, 40 * 4_096)
  writeFileSync(file, bytes)
  const store = await openSqlite({ mode: 'live', dataDir })
  const answers = await Promise.allSettled(ids.map((id) => store.auth.get('s', 't', [id])))
  const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
  expect(failures.length).toBeGreaterThan(0)
  for (const failure of failures) {
    expect(failure).toBeInstanceOf(StoreFailed)
    expect(String(failure)).toMatch(/is damaged: restore the folder from a backup/)
  }
  expect(answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.size] : [])).filter((size) => size !== 1)).toEqual([])
  await store.close()
})
