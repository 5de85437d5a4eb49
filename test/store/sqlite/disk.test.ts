import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { StoreFailed, StoreRefused } from '../../../src/store/faults.ts'
import { openSqlite } from '../../../src/store/sqlite/sqlite.ts'
import type { Change } from '../../../src/store/store.ts'
import { tempFolder } from '../../support/temp.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** A small disk of the running test's own. */
function smallDisk(sizeBytes: number): string {
  const folder = tempFolder()
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', folder]).status).toBe(0)
  onTestFinished(() => void spawnSync('umount', ['-l', folder]))
  return folder
}

const put = (id: number, bytes = 2_000): Change => ({ kind: 'auth.put', keys: [{ type: 't', id: String(id), value: `${id}:`.padEnd(bytes, 'x') }] })

/** Commits until one fails; how many were acknowledged, and the failure. */
async function fill(commit: (number: number) => Promise<void>): Promise<[number, unknown]> {
  for (let number = 0; ; number++) {
    try {
      await commit(number)
    } catch (error) {
      return [number, error]
    }
  }
}

/** Whether this user may mount. */
function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'puente-mount-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4096', 'tmpfs', folder]).status === 0
  if (mounted) spawnSync('umount', [folder])
  rmSync(folder, { recursive: true, force: true })
  return mounted
}

const mounts = canMount()
if (!mounts) console.info('disk.test.ts: 3 tests need to mount a tmpfs and are skipped')
describe.skipIf(!mounts)('a full disk', () => {
  it('fails commits in words, keeps what was acknowledged, and goes on once there is room', async () => {
    const folder = smallDisk(3 * 1024 * 1024)
    const filler = join(folder, 'filler')
    writeFileSync(filler, Buffer.alloc(1024 * 1024))
    const dataDir = join(folder, 'data')
    const store = await openSqlite({ mode: 'live', dataDir })
    const [acknowledged, error] = await fill((number) => store.commit('s', [put(number)]))
    expect(error).toBeInstanceOf(StoreFailed)
    expect(error).toMatchObject({ code: 'SQLITE_FULL', message: `The disk under ${dataDir} is full: free some space.` })
    expect(acknowledged).toBeGreaterThan(10)
    expect((await store.auth.get('s', 't', [String(acknowledged)])).size).toBe(0)

    const all = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => store.commit('s', [put(10_000 + index, 100_000)])))
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 'rejected'))

    rmSync(filler)
    await store.commit('s', [put(acknowledged)])
    await store.close()
    const again = await openSqlite({ mode: 'live', dataDir })
    const ids = Array.from({ length: acknowledged + 1 }, (_, index) => String(index))
    expect((await again.auth.get('s', 't', ids)).size).toBe(ids.length)
    await again.close()
  })

  it('refuses to start in words', async () => {
    const folder = smallDisk(64 * 1024)
    await expect(openSqlite({ mode: 'live', dataDir: join(folder, 'data') })).rejects.toThrow(/is full: free some space/)
  })
})

it('a disk that refuses to write fails commits and keeps what was acknowledged', { timeout: 60_000 }, async () => {
  const dataDir = tempFolder()
  // Without a listener the kernel would end the process at the first write that is refused.
  const script = `
    process.on('SIGXFSZ', () => {})
    const { openStore } = await import(${JSON.stringify(join(ROOT, 'dist/src/store/open.js'))})
    const store = await openStore({ mode: 'live', dataDir: ${JSON.stringify(dataDir)} })
    for (let number = 0; ; number++) {
      const failure = await store.commit('s', [{ kind: 'auth.put', keys: [{ type: 't', id: String(number), value: 'x'.repeat(20_000) }] }]).then(() => null, (error) => error)
      if (failure === null) continue
      console.log(JSON.stringify({ number, name: failure.name, message: failure.message, code: failure.code }))
      process.exit(0)
    }`
  // No file may grow beyond 2 MiB.
  const { stdout } = spawnSync('bash', ['-c', `ulimit -f 2048; exec "$0" --input-type=module -e "$1"`, process.execPath, script], { encoding: 'utf8', timeout: 50_000 })
  const told = JSON.parse(stdout) as { number: number; name: string; message: string; code: string }
  expect(told.name).toBe('StoreFailed')
  expect(told.message).toMatch(/^The disk under .* (cannot be read or written|is full): /)
  expect(told.code).toMatch(/^SQLITE_(IOERR|FULL)/)

  const store = await openSqlite({ mode: 'live', dataDir })
  const ids = Array.from({ length: told.number }, (_, index) => String(index))
  expect((await store.auth.get('s', 't', ids)).size).toBe(ids.length)
  await store.close()
})

/** Why the store refuses to open. */
const refusal = (dataDir: string): Promise<unknown> => openSqlite({ mode: 'live', dataDir }).then(() => null, (error: unknown) => error)

it.skipIf(!mounts)('a disk that is read-only is refused in words', async () => {
  const folder = smallDisk(1024 * 1024)
  const dataDir = join(folder, 'data')
  // In a process of its own, so that nothing holds the disk's files open.
  const script = `const { openStore } = await import(${JSON.stringify(join(ROOT, 'dist/src/store/open.js'))}); await (await openStore({ mode: 'live', dataDir: ${JSON.stringify(dataDir)} })).close()`
  expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).status).toBe(0)
  expect(spawnSync('mount', ['-o', 'remount,ro', folder]).status).toBe(0)
  for (const refused of [await refusal(dataDir), await refusal(join(folder, 'new'))]) {
    expect(refused).toBeInstanceOf(StoreRefused)
    expect(String(refused)).toMatch(/writable for the user that runs Puente/)
  }
})

it.skipIf(process.getuid?.() === 0)('a folder of somebody else is refused in words', async () => {
  const parent = tempFolder()
  chmodSync(parent, 0o500)
  onTestFinished(() => chmodSync(parent, 0o700))
  expect(String(await refusal(join(parent, 'data')))).toMatch(/writable for the user that runs Puente/)
})
