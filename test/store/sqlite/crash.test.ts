import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openSqlite } from '../../../src/store/sqlite/sqlite.ts'
import { tempFolder } from '../../support/temp.ts'

const ROOT = join(import.meta.dirname, '../../..')
const KILLS = 6

/** Runs the writing child until it has told this many commits, kills it at once, and gives all that it told. */
async function killedAfter(acknowledged: number, dataDir: string, from: number): Promise<number[]> {
  const child = spawn(process.execPath, [join(ROOT, 'test/support/store-child.mjs'), join(ROOT, 'dist/src/store/open.js'), dataDir, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let told = ''
  child.stdout.on('data', (bytes: Buffer) => {
    told += bytes.toString()
    if (told.split('\n').length > acknowledged) child.kill('SIGKILL')
  })
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_code, by) => resolve(by)))
  expect(signal).toBe('SIGKILL')
  return told.slice(0, told.lastIndexOf('\n')).split('\n').map(Number)
}

it('a kill -9 in mid-commit loses nothing that was acknowledged, and tears no commit apart', { timeout: 60_000 }, async () => {
  const dataDir = tempFolder()
  const seed = Date.now() % 1_000
  console.info(`kills: seed ${seed}`)
  const acknowledged: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    acknowledged.push(...(await killedAfter(1 + ((seed * (kill + 3)) % 150), dataDir, kill * 1_000_000)))

    const store = await openSqlite({ mode: 'live', dataDir })
    const keys = await store.auth.get('s', 'n', acknowledged.map(String))
    expect(acknowledged.filter((number) => keys.get(String(number)) !== `value ${number}`)).toEqual([])
    const rows = await store.outbox.pending('s', 0, 1_000_000)
    const there = new Set(rows.map(({ id }) => id))
    expect(acknowledged.filter((number) => !there.has(String(number)))).toEqual([])
    expect((await store.auth.get('s', 'n', [...there])).size).toBe(there.size)
    await store.close()
  }
  expect(acknowledged.length).toBeGreaterThan(KILLS)
})
