import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { openMemory } from '../../src/store/memory.ts'
import { KEY, quietWhatsApp } from '../support/app.ts'
import { contractOf, wrongAsks, type Operation } from '../support/contract.ts'
import { playScene } from '../support/scene.ts'

const RUNS = 20
const RIGHT_MS = 120_000
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 0x7fffffff)
const KNOWN = { session_id: 'fuzz', chat_id: '34600000002', message_id: 'M1', phone: '34600000002', webhook_id: 'whk_019ae0c8-5f2b-7cc1-9d0c-2f4a3c1b7e11', delivery_id: 'dlv_MS5mdXp6' }

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

describe('right requests, on a session that is linked in the sandbox', () => {
  /** What ends a session or the whole world comes last. */
  const LAST = ['stopSession', 'restartSession', 'logoutSession', 'deleteSession', 'clearSandboxFaults', 'resetSandbox']

  it('reaches 2xx with every operation, in the documented shape', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'puente-contract-'))
    const real = await buildApp(loadConfig({ API_KEY: KEY, LOG_LEVEL: 'silent', SANDBOX: 'true', DATA_DIR: folder }))
    onTestFinished(async () => {
      await real.close()
      rmSync(folder, { recursive: true, force: true })
    })
    const scene = await playScene(real)
    const { operations, fault } = contractOf(real)
    const rank = ({ id }: Operation): number => LAST.indexOf(id)
    const failures: string[] = []
    for (const operation of operations.toSorted((a, b) => rank(a) - rank(b))) {
      const { path = {}, query, body } = (await scene.recipes[operation.id]?.()) ?? {}
      const url = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? scene.known[name] ?? name))
      const answer = await scene.ask(operation.method, query === undefined ? url : `${url}?${query}`, body)
      const words = answer.statusCode >= 300 ? answer.body : fault(operation, answer)
      if (words !== null) failures.push(`${operation.id}: ${answer.statusCode} ${words}`)
    }
    expect(failures).toEqual([])
  }, RIGHT_MS)
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
