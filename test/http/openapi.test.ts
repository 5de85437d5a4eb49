import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { catalogue } from '../../src/errors.ts'
import { tags } from '../../src/contract/document-info.ts'
import { testApp } from '../support/app.ts'

interface Described {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly tags: readonly string[]
  readonly security: readonly object[]
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly examples?: object } } }
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
}

const read = async (): Promise<Document> => {
  const { ask } = await testApp()
  return (await ask('GET', '/openapi.json', { key: null })).json<Document>()
}
const operationsIn = ({ paths }: Document): Described[] => Object.values(paths).flatMap((path) => Object.values(path))

describe('the OpenAPI document', () => {
  it('is what openapi.json holds (npm run openapi writes it)', async () => {
    expect(await read()).toEqual(JSON.parse(readFileSync('openapi.json', 'utf8')))
  })

  it('describes every operation', async () => {
    const document = await read()
    const names = tags.map(({ name }) => name)
    const operations = operationsIn(document)
    for (const { operationId, summary, description, tags: own, security, responses } of operations) {
      expect(operationId).toMatch(/^[a-z]+[A-Za-z]+$/)
      expect([operationId, summary?.length > 3, description?.length > 10, own?.length, names.includes(own?.[0] ?? ''), Array.isArray(security)]).toEqual([operationId, true, true, 1, true, true])
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '408', '431', '500', '503']))
    }
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
  })

  it('says with each status which codes come with it', async () => {
    for (const { operationId, responses } of operationsIn(await read())) {
      for (const [status, { description }] of Object.entries(responses).filter(([code]) => Number(code) >= 400)) {
        const codes = [...description.matchAll(/`([A-Z_]+)`: /g)].map(([, code]) => code as keyof typeof catalogue)
        expect([operationId, status, codes.length > 0, codes.every((code) => catalogue[code].status === Number(status))]).toEqual([operationId, status, true, true])
      }
    }
  })

  it('mentions every code that some operation can answer', async () => {
    const text = JSON.stringify((await read()).paths)
    const everywhere = ['ROUTE_NOT_FOUND', 'METHOD_NOT_ALLOWED']
    expect(Object.keys(catalogue).filter((code) => !everywhere.includes(code) && !text.includes(`\`${code}\``))).toEqual([])
  })
})
