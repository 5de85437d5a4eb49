import { CursorInvalid } from '../store/store.ts'
import { StoreFailed } from '../store/faults.ts'
import { invalidField, Problem, type ErrorCode } from '../errors.ts'
import { validationFailed, type Fault } from './field-errors.ts'

/** What the server's own refusals are called here, and what they say. */
const REFUSALS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_BAD_URL: ['MALFORMED_REQUEST', 'The URL holds a percent sign that starts no valid escape.'],
  FST_ERR_MAX_PARAM_LENGTH: ['URI_TOO_LONG', 'A part of the path is too long.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['UNSUPPORTED_MEDIA_TYPE', 'The body must be sent as application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['MALFORMED_REQUEST', 'The body does not have the length that Content-Length says.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['MALFORMED_JSON', 'The body is not valid JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['MALFORMED_JSON', 'The body is empty.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['BODY_TOO_LARGE', 'The body is over the limit.'],
  HPE_HEADER_OVERFLOW: ['HEADERS_TOO_LARGE', 'The headers are over the limit.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['REQUEST_TIMEOUT', 'The request did not arrive whole in time.'],
}

interface Thrown {
  readonly code?: unknown
  readonly statusCode?: unknown
  readonly validation?: readonly Fault[]
  readonly validationContext?: string
}

/** What a caller is told of anything that was thrown; what is not meant for them is INTERNAL, and its cause only for the log. */
export function toProblem(error: unknown, bodyAbsent = false): Problem {
  if (error instanceof Problem) return error
  if (error instanceof CursorInvalid) return invalidField('/query/cursor', 'is not a cursor of this list')
  if (error instanceof StoreFailed) return new Problem('STORE_UNAVAILABLE', 'The store cannot be read or written right now; nothing was accepted.', { cause: error })
  const { code, statusCode, validation, validationContext = 'body' } = (typeof error === 'object' && error !== null ? error : {}) as Thrown
  if (validation) return validationFailed(validationContext, validation, bodyAbsent && validationContext === 'body')
  const refusal = REFUSALS[String(code)]
  if (refusal) return new Problem(...refusal)
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) return new Problem('MALFORMED_REQUEST', 'The request cannot be read.', { cause: error })
  return new Problem('INTERNAL', 'Something went wrong here; quote the X-Request-Id when reporting it.', { cause: error })
}

/** The same for what Node's HTTP parser could not read. */
export const toParserProblem = (code: string | undefined): Problem => {
  const refusal = REFUSALS[code ?? '']
  return refusal ? new Problem(...refusal) : new Problem('MALFORMED_REQUEST', 'The HTTP message cannot be read.')
}
