import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import * as fc from 'fast-check'
import type { FastifyInstance } from 'fastify'

/** A JSON schema as the document holds it. */
export type Schema = { readonly [keyword: string]: unknown }

/** One operation of the document. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `{names}` for the parameters. */
  readonly path: string
  readonly id: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Schema; readonly required?: boolean }[]
  readonly body: Schema | null
  /** The statuses it says it answers. */
  readonly statuses: readonly string[]
}

/** What is asked. */
export interface Ask {
  readonly url: string
  readonly headers: Record<string, string>
  readonly payload?: string
}

type Answer = Awaited<ReturnType<FastifyInstance['inject']>>
type Json = Record<string, unknown>

/** The document of an app, as something to generate requests from and to hold answers against. */
export interface Contract {
  readonly operations: readonly Operation[]
  /** What is wrong with an answer, or null when the document allows it. */
  fault(operation: Operation, answer: Answer): string | null
  /** Values that a schema allows. */
  valid(schema: Schema): fc.Arbitrary<unknown>
}

/** Reads the document of an app that is ready. */
export function contractOf(app: FastifyInstance): Contract {
  const document = app.swagger() as unknown as Json
  const schemas = (document['components'] as Json)['schemas'] as Record<string, Schema>
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema(document, 'openapi')
  const compiled = new Map<string, ValidateFunction>()
  const validator = (...pointer: string[]): ValidateFunction => {
    const ref = `openapi#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`
    const known = compiled.get(ref) ?? ajv.compile({ $ref: ref })
    compiled.set(ref, known)
    return known
  }
  const resolve = (schema: Schema): Schema => (typeof schema['$ref'] === 'string' ? (schemas[schema['$ref'].split('/').at(-1) ?? ''] ?? {}) : schema)

  return {
    operations: Object.entries(document['paths'] as Record<string, Record<string, Json>>).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => toOperation(method, path, operation))),
    fault({ method, path }, answer) {
      const responses = ((document['paths'] as Record<string, Record<string, Json>>)[path]?.[method.toLowerCase()]?.['responses'] ?? {}) as Record<string, { content?: Json }>
      const status = String(answer.statusCode)
      const response = responses[status]
      if (!response) return `status ${status} is not documented`
      if (!response.content) return answer.body === '' ? null : `${status} has a body that is not documented`
      const type = String(answer.headers['content-type'] ?? '').split(';', 1)[0] ?? ''
      if (!response.content[type]) return `${status} as ${type} is not documented`
      if (!type.endsWith('json')) return null
      const check = validator('paths', path, method.toLowerCase(), 'responses', status, 'content', type, 'schema')
      return check(answer.json()) ? null : `${status} does not have its shape: ${ajv.errorsText(check.errors)}`
    },
    valid: (schema) => valuesOf(schema, resolve),
  }
}

function toOperation(method: string, path: string, operation: Json): Operation {
  const content = ((operation['requestBody'] as Json | undefined)?.['content'] ?? {}) as Record<string, { schema: Schema }>
  return {
    method: method.toUpperCase() as Operation['method'],
    path,
    id: operation['operationId'] as string,
    parameters: (operation['parameters'] ?? []) as Operation['parameters'],
    body: content['application/json']?.schema ?? null,
    statuses: Object.keys(operation['responses'] as Json),
  }
}

function valuesOf(unresolved: Schema, resolve: (schema: Schema) => Schema): fc.Arbitrary<unknown> {
  const schema = resolve(unresolved)
  const inner = (one: unknown): fc.Arbitrary<unknown> => valuesOf(one as Schema, resolve)
  const branches = (schema['oneOf'] ?? schema['anyOf']) as Schema[] | undefined
  if (branches) return fc.oneof(...branches.map(inner))
  if ('const' in schema) return fc.constant(schema['const'])
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]))
  switch (schema['type']) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({ min: Number(schema['minimum'] ?? -1000), max: Number(schema['maximum'] ?? 1_000_000) })
    case 'number':
      return fc.double({ min: Number(schema['minimum'] ?? -1000), max: Number(schema['maximum'] ?? 1000), noNaN: true })
    case 'array':
      return fc.array(inner(schema['items']), { minLength: Number(schema['minItems'] ?? 0), maxLength: Math.min(Number(schema['maxItems'] ?? 3), Number(schema['minItems'] ?? 0) + 2) })
    case 'object': {
      const properties = (schema['properties'] ?? {}) as Record<string, Schema>
      return fc.record(Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, inner(one)])), { requiredKeys: (schema['required'] ?? []) as never[] })
    }
    default:
      return texts(schema)
  }
}

const MAX_GENERATED_LENGTH = 40

function texts(schema: Schema): fc.Arbitrary<string> {
  if (schema['format'] === 'date-time') return fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }).map((date) => date.toISOString())
  const min = Number(schema['minLength'] ?? 0)
  const max = Number(schema['maxLength'] ?? Infinity)
  if (typeof schema['pattern'] === 'string') return fc.stringMatching(new RegExp(schema['pattern'])).filter(({ length }) => length >= min && length <= max)
  return fc.string({ minLength: min, maxLength: Math.min(max, min + MAX_GENERATED_LENGTH), unit: 'grapheme' })
}

const BROKEN = ['{', '{"text":', '[1,', '"', 'undefined', '{"a":1}}', '\u0000', '{"__proto__":{}}']
const TYPES = ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json; charset=latin1', 'nonsense', '/']
const OVER_LONG = 70_000

/** Requests that are wrong in one way or another; `known` fills the path parameters that are left right. */
export function wrongAsks(operation: Operation, contract: Contract, known: Readonly<Record<string, string>>): fc.Arbitrary<Ask> {
  const right = (name: string): string => known[name] ?? 'x'
  const json = { 'content-type': 'application/json' }
  const ask = (path: Readonly<Record<string, string>>, query: string, payload?: string, headers: Record<string, string> = json): Ask => ({
    url: operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? right(name))) + (query === '' ? '' : `?${query}`),
    headers: payload === undefined ? {} : headers,
    ...(payload === undefined ? {} : { payload }),
  })
  const body = operation.body === null ? fc.constant<unknown>({}) : contract.valid(operation.body)
  const spoiled = body.chain((value) => spoil(value))
  const pathNames = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)
  const queryNames = operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
  const ways: fc.Arbitrary<Ask>[] = [
    fc.constantFrom(...BROKEN).map((payload) => ask({}, '', payload)),
    fc.tuple(body, fc.constantFrom(...TYPES)).map(([value, type]) => ask({}, '', JSON.stringify(value), { 'content-type': type })),
    fc.tuple(fc.constantFrom('colour', ...queryNames), fc.string({ unit: 'grapheme' })).map(([name, value]) => ask({}, new URLSearchParams({ [name]: value }).toString())),
  ]
  if (operation.body !== null) ways.push(spoiled.map((value) => ask({}, '', JSON.stringify(value))), fc.constant(ask({}, '')))
  if (pathNames.length > 0) {
    const odd = fc.oneof(fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text !== '.' && text !== '..'), fc.constantFrom('-', '%', '0', 'a'.repeat(129), 'a'.repeat(500), '34600000001@', '@g.us', '1@lid', 'x@newsletter', 'status@broadcast'))
    ways.push(fc.tuple(fc.constantFrom(...pathNames), odd, body).map(([name, value, good]) => ask({ [name]: value }, '', operation.body === null ? undefined : JSON.stringify(good))))
  }
  return fc.oneof(...ways)
}

/** One thing wrong with a JSON value. */
function spoil(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fc.jsonValue()
  const fields = value as Json
  const names = Object.keys(fields)
  const ways: fc.Arbitrary<unknown>[] = [fc.jsonValue(), fc.jsonValue().map((extra) => ({ ...fields, colour: extra }))]
  if (names.length > 0) {
    const name = fc.constantFrom(...names)
    ways.push(
      name.map((gone) => Object.fromEntries(Object.entries(fields).filter(([key]) => key !== gone))),
      fc.tuple(name, fc.jsonValue()).map(([key, other]) => ({ ...fields, [key]: other })),
      name.map((key) => ({ ...fields, [key]: 'a'.repeat(OVER_LONG) })),
    )
  }
  return fc.oneof(...ways)
}
