// Compiles the TypeScript to dist/, or says in one sentence why it cannot.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)
let compiler
try {
  compiler = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
} catch {
  console.error('TypeScript is not installed, so Puente cannot be built: run `npm ci --include=dev` (NODE_ENV=production makes npm skip it).')
  process.exit(1)
}
// What the compiler prints goes to standard error: standard output belongs to the program that is built.
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { stdio: ['ignore', 2, 2] })
process.exit(status ?? 1)
