import { readFileSync, writeFileSync } from 'node:fs'
import { buildApp } from './app.ts'
import { loadConfig } from './config.ts'
import { openMemory } from './store/memory.ts'

const FILE = 'openapi.json'

/** Writes openapi.json, or with --check says whether it is what the routes make. */
async function main(): Promise<void> {
  const app = await buildApp(loadConfig({ API_KEY: 'openapi', LOG_LEVEL: 'silent' }), { openStore: async () => openMemory() })
  await app.ready()
  const text = `${JSON.stringify(app.swagger(), null, 2)}\n`
  await app.close()
  if (!process.argv.includes('--check')) {
    writeFileSync(FILE, text)
    return
  }
  if (readFileSync(FILE, 'utf8') === text) return
  process.stderr.write(`${FILE} is not what the routes make; run \`npm run openapi\` and commit it.\n`)
  process.exitCode = 1
}

await main()
