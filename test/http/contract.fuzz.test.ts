import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { openMemory } from '../../src/store/memory.ts'
import { KEY, quietWhatsApp } from '../support/app.ts'
import { contractOf, wrongAsks } from '../support/contract.ts'

const RUNS = 20
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 0x7fffffff)
const KNOWN = { session_id: 'fuzz', chat_id: '34600000002', message_id: 'M1', phone: '34600000002' }

const dataDir = mkdtempSync(join(tmpdir(), 'puente-fuzz-'))
const app = await buildApp(loadConfig({ API_KEY: KEY, LOG_LEVEL: 'silent', SANDBOX: 'true', DATA_DIR: dataDir }), {
  openStore: async () => openMemory(),
  whatsapp: ({ sessions }) => quietWhatsApp(sessions),
})
await app.ready()
const contract = contractOf(app)

beforeAll(() => {
  process.stdout.write(`contract fuzz: FUZZ_SEED=${seed}\n`)
})
afterAll(async () => {
  await app.close()
  rmSync(dataDir, { recursive: true, force: true })
})

describe('wrong requests', () => {
  it.each(contract.operations.map((operation) => [operation.id, operation] as const))('%s answers only what it documents, and never 5xx', async (_id, operation) => {
    expect(await failureOf(operation)).toBeNull()
  })

  async function failureOf(operation: (typeof contract.operations)[number]): Promise<string | null> {
    const property = fc.asyncProperty(wrongAsks(operation, contract, KNOWN), async ({ url, headers, payload }) => {
      await app.sessions.create('fuzz')
      const answer = await app.inject({ method: operation.method, url, headers: { 'x-api-key': KEY, ...headers }, ...(payload === undefined ? {} : { payload }) })
      const fault = answer.statusCode >= 500 ? `status ${answer.statusCode}: ${answer.body}` : contract.fault(operation, answer)
      if (fault !== null) throw new Error(fault)
    })
    const result = await fc.check(property, { seed, numRuns: RUNS })
    return result.failed ? `seed ${seed}: ${JSON.stringify(result.counterexample).slice(0, 2000)} -> ${String(result.errorInstance)}` : null
  }
})
