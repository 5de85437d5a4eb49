import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** Compiles the sources once before the tests: a thread cannot run TypeScript on Node 20. Types are judged by `npm run typecheck`, so a type error alone stops no test. */
export default function build(): void {
  const { error } = spawnSync(process.execPath, ['build.mjs'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  if (error !== undefined || !existsSync(join(ROOT, 'dist/src/store/sqlite/writer.js'))) throw new Error('The sources do not compile: run `npm run typecheck`.', { cause: error })
}
