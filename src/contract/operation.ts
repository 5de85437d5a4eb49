import { catalogue, type ErrorCode } from '../errors.ts'
import { PROBLEM_JSON } from '../http/problem-document.ts'
import { security } from './document-info.ts'

/** A named request body that documentation offers. */
export interface RequestExample {
  readonly summary: string
  readonly value: unknown
}

/** What a route says of itself, as far as its documentation is made of it. */
export interface OperationSource {
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[] | undefined
  readonly body?: unknown
  readonly querystring?: unknown
  readonly params?: unknown
  readonly response?: unknown
  /** The codes that only this operation has; the ones that follow from its shape are added. */
  readonly errors?: readonly ErrorCode[] | undefined
}

const RETRY_AFTER = { 'Retry-After': { type: 'string', description: 'Seconds after which to try again.' } }
const BODYLESS = new Set(['GET', 'HEAD'])

/** The route's own schema with its security and every error it can answer. */
export function toOperation<S extends OperationSource>(schema: S, methods: readonly string[]): S {
  const open = schema.security?.length === 0
  const codes = new Set<ErrorCode>([...impliedCodes(schema, open, methods), ...(schema.errors ?? [])])
  return { ...schema, security: schema.security ?? security, response: { ...(schema.response as object | undefined), ...toResponses(codes) } }
}

function* impliedCodes(schema: OperationSource, open: boolean, methods: readonly string[]): Generator<ErrorCode> {
  yield* ['MALFORMED_REQUEST', 'REQUEST_TIMEOUT', 'HEADERS_TOO_LARGE', 'INTERNAL', 'SHUTTING_DOWN'] as const
  if (!open) yield* ['UNAUTHORIZED', 'STORE_UNAVAILABLE'] as const
  if (schema.params !== undefined) yield 'URI_TOO_LONG'
  if (schema.params !== undefined || schema.querystring !== undefined || schema.body !== undefined) yield 'VALIDATION_FAILED'
  if (!methods.every((method) => BODYLESS.has(method))) yield* ['MALFORMED_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const
}

/** One response a status, whose words name each code that comes with it. */
function toResponses(codes: ReadonlySet<ErrorCode>): Record<string, unknown> {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of [...codes].toSorted()) byStatus.set(catalogue[code].status, [...(byStatus.get(catalogue[code].status) ?? []), code])
  return Object.fromEntries([...byStatus].map(([status, some]) => [status, {
    description: some.map((code) => `\`${code}\`: ${catalogue[code].meaning}`).join('\n\n'),
    ...(status === 429 || status === 503 ? { headers: RETRY_AFTER } : {}),
    content: { [PROBLEM_JSON]: { schema: { $ref: 'Problem' } } },
  }]))
}
